/** Lenslet without a page: `openLens` reads a model and gives back traces, features, steering and generation. */

import type { Folder } from './artifacts/folder';
import { openFolder as openOnBest } from './open-folder';
import type { Lens, OpenOptions } from './types';

export { openLens } from './open';
export * from './plain';

/** Opens a small model, in float32, from a folder of the caller's own kind. */
export function openFolder(
  folder: Folder,
  options: Pick<OpenOptions, 'onProgress' | 'sites' | 'provider' | 'signal'> = {},
): Promise<Lens> {
  return openOnBest(folder, options);
}
