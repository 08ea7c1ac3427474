import { requestOf } from '../api/identity';
import type { Lens } from '../api/lens';
import type { SourceRequest } from '../api/model';
import type { OpenOptions } from '../api/open';
import type { Following, Opening, OpenRequest } from '../api/request';
import { loadRuntime, type Runtime } from '../engine/runtime';
import { openConfig } from '../folders/config';
import type { EngineLens } from '../lens';
import { isSmall } from '../sizes';
import { smallUrlSource } from '../sources/url';
import { openStored } from './large';
import { pairOpener } from './pair';
import { openFolder } from './small';

/**
 * Opens a model: the address of a folder, `Owner/name` of the Hub, or another source. It runs on the best provider of
 * this browser. A small model is read into memory in float32. A large model, or one in another format, is converted once
 * and kept in this browser's store; from then on it opens without a network. Throws the named errors of `errors.ts`.
 */
export function openLens(model: string | SourceRequest, options: OpenOptions = {}): Promise<Lens> {
  return openRequest(requestOf(model, options), options);
}

/** Like `openLens`, for a parsed request. Not part of the package's types, which name no engine.
 *  @internal */
export function openRequest(request: OpenRequest, { onProgress, signal }: Following): Promise<EngineLens> {
  return openModel({ ...request, onProgress, signal }, loadRuntime);
}

async function openModel(asked: Opening, load: () => Promise<Runtime>): Promise<EngineLens> {
  const { model, dictionary, format, signal } = asked;
  if (model.kind !== 'url' || dictionary || (format && format !== 'f32')) return openStored(asked, load);
  // A folder's address says nothing about its size.
  const folder = smallUrlSource(model.url);
  const config = await openConfig(folder, { signal });
  return format === 'f32' || isSmall(config)
    ? openFolder(folder, { ...asked, config, pair: pairOpener(asked) }, load)
    : openStored(asked, load);
}
