import { throwIfAborted } from '../api/errors';
import type { SourceRef } from '../api/request';
import { hubSource } from './hub';
import { outOfCache } from './hub-cache';
import { pickedSource } from './picked';
import type { ConnectionOptions } from './retry';
import type { Source } from './source';
import { urlSource } from './url';

/** Opens the source of a model or a dictionary. `signal` ends the opening; each call of the source takes its own
 *  signal. For a repository it fetches revision and file list now; it asks an address nothing before the first read. */
export async function openSource(ref: SourceRef, options: ConnectionOptions = {}): Promise<Source> {
  throwIfAborted(options.signal);
  if (ref.kind === 'hub') return hubSource(ref, options);
  return ref.kind === 'picked' ? pickedSource(await outOfCache(ref.folder)) : urlSource(ref.url, options);
}
