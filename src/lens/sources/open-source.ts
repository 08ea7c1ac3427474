import { throwIfAborted } from '../api/errors';
import type { SourceRef } from '../api/request';
import { hubSource } from './hub';
import { pickedSource } from './picked';
import type { ConnectionOptions } from './retry';
import type { Source } from './source';
import { urlSource } from './url';

/** Where a model or a dictionary is read from. `signal` ends the opening; the calls of the source take their own. Of a
 *  repository, revision and file list are fetched here; an address is not asked before its first file is. */
export async function openSource(ref: SourceRef, options: ConnectionOptions = {}): Promise<Source> {
  throwIfAborted(options.signal);
  if (ref.kind === 'hub') return hubSource(ref, options);
  return ref.kind === 'picked' ? pickedSource(ref.folder) : urlSource(ref.url, options);
}
