import { throwIfAborted } from '../api/errors';
import type { SourceRequest } from '../api/model';
import { hubSource } from './hub';
import { pickedSource } from './picked';
import type { ConnectionOptions } from './retry';
import type { Source } from './source';
import { urlSource } from './url';

/** Everything but what is kept already, which needs no source. */
export type OpenableRequest = Exclude<SourceRequest, { kept: string }>;

/** Where a model or a dictionary is read from. `signal` ends the opening; the calls of the source take their own. Of a
 *  repository, revision and file list are fetched here; an address is not asked before its first file is. */
export async function openSource(request: OpenableRequest, options: ConnectionOptions = {}): Promise<Source> {
  throwIfAborted(options.signal);
  if ('hub' in request) return hubSource(request.hub, options);
  if ('picked' in request) return pickedSource(request.picked);
  return urlSource(request.url, options);
}
