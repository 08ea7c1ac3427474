const HUB = /([^/\\]+\/[^/\\]+)\/resolve\/[^/]+(?:\/(.*))?$/;

/** A model folder's name: the last part of its path. For a Hugging Face address: the repository with its owner, since
 *  two owners may use the same name, and the folder inside the repository, if any. */
export function modelName(folder: string): string {
  const path = bare(folder);
  const hub = HUB.exec(path);
  const name = hub ? [hub[1], hub[2]].filter(Boolean).join('/') : path.split(/[\\/]/).filter(Boolean).at(-1);
  return (name ?? folder).slice(0, 500) || 'model';
}

/** The last part of a model's name, for file names and narrow places. */
export const folderName = (folder: string): string => modelName(folder).split('/').at(-1)!;

/** A folder's whole address in one spelling; no two folders share it. */
export const modelAddress = (folder: string): string => bare(folder) || 'model';

const bare = (folder: string): string => folder.replace(/[?#].*$/s, '').replace(/[\\/]+$/, '');
