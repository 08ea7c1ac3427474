/** Lenslet without a page: `openLens` reads a model and gives back traces, features, steering and generation. */

import type { Lens } from './api/lens';
import type { OpenOptions } from './api/open';
import { openFolder as openOnBest } from './open/small';
import type { Folder } from './sources/folder';
import { sourceOfFolder } from './sources/reads';

export { openLens } from './open/open';
export * from './page';

/** Opens a small model, in float32, from a folder of the caller's own kind. */
export function openFolder(
  folder: Folder,
  options: Pick<OpenOptions, 'onProgress' | 'sites' | 'folders' | 'provider' | 'signal'> = {},
): Promise<Lens> {
  return openOnBest(sourceOfFolder(folder), options);
}
