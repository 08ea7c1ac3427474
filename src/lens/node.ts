/** Lenslet in Node: a model folder on disk, run on WebAssembly. */

import type { Lens } from './api/lens';
import type { OpenOptions } from './api/open';
import { configured, type Ort } from './engine/runtime';
import { openFolder } from './open/small';
import { fileFolder } from './sources/disk';

export * from './page';
export { fileFolder };

/** Opens the model folder at a path. ONNX Runtime's build without WebGPU: the one that has it takes Node half a minute
 *  to compile. */
export function openDirectory(
  path: string,
  options: Pick<OpenOptions, 'onProgress' | 'sites' | 'signal'> = {},
): Promise<Lens> {
  const load = async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  return openFolder(fileFolder(path), { ...options, provider: 'wasm' }, load);
}
