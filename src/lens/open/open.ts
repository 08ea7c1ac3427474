import type { Lens } from '../api/lens';
import type { SourceRequest } from '../api/model';
import type { OpenOptions } from '../api/open';
import { loadRuntime, type Runtime } from '../engine/runtime';
import { openConfig } from '../folders/config';
import type { EngineLens } from '../lens';
import { urlSource } from '../sources/url';
import { openKept } from './large';
import { formatFor, requestOf } from './request';
import { openFolder } from './small';

/**
 * Opens a model: the address of a folder, `Owner/name` of the Hub, or another source. A small one is read into memory
 * in float32 and runs on the best provider this browser has; of a large one, or in another format, the converted
 * weights are kept in this browser's store, and it is opened from there without a network from then on. Throws the
 * named errors of `errors.ts`.
 */
export function openLens(model: string | SourceRequest, options: OpenOptions = {}): Promise<Lens> {
  return openModel(model, options, loadRuntime);
}

async function openModel(
  model: string | SourceRequest,
  options: OpenOptions,
  load: () => Promise<Runtime>,
): Promise<EngineLens> {
  const request = requestOf(model, options.hub);
  const { format = 'auto' } = options;
  const large = format !== 'auto' && format !== 'f32';
  if (!('url' in request) || options.dictionary !== undefined || large) return openKept(request, options, load);
  // A folder's address says nothing about its size.
  const folder = urlSource(request.url);
  const config = await openConfig(folder, { signal: options.signal });
  const small = formatFor(options.format, config) === 'f32';
  return small ? openFolder(folder, { ...options, config }, load) : openKept(request, options, load);
}
