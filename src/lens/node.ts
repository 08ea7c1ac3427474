/** Lenslet in Node: a model folder on disk, run on WebAssembly. */

import type { Lens } from './api/lens';
import type { OpenOptions } from './api/open';
import { configured, type Ort } from './engine/runtime';
import { openFolder } from './open/small';
import { fileFolder } from './sources/disk';
import { outOfDiskCache } from './sources/disk-cache';

export * from './page';
export { fileFolder };

/** Opens the model folder at a path, or a Hub cache's (`models--Owner--name`) at refs/main. ONNX Runtime's build without WebGPU: the one that has it takes Node half a minute
 *  to compile. */
export async function openDirectory(
  path: string,
  options: Pick<OpenOptions, 'onProgress' | 'sites' | 'folders' | 'signal'> = {},
): Promise<Lens> {
  const load = async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  return openFolder(fileFolder(await outOfDiskCache(path)), { ...options, provider: 'wasm' }, load);
}
