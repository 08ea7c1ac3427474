const HUB = /([^/\\]+\/[^/\\]+)\/resolve\/[^/]+(?:\/(.*))?$/;

/** What a model folder is called: the last part of its path; of a Hugging Face address the repository with its owner,
 *  since two owners may each have one of that name, and the folder inside it where it is in one. */
export function modelName(folder: string): string {
  const path = bare(folder);
  const hub = HUB.exec(path);
  const name = hub ? [hub[1], hub[2]].filter(Boolean).join('/') : path.split(/[\\/]/).filter(Boolean).at(-1);
  return (name ?? folder).slice(0, 500) || 'model';
}

/** The last part of a model's name: what stands in a file's name, or where there is little room. */
export const folderName = (folder: string): string => modelName(folder).split('/').at(-1)!;

/** A folder's whole address, the same however it was written: no two folders share it. */
export const modelAddress = (folder: string): string => bare(folder) || 'model';

const bare = (folder: string): string => folder.replace(/[?#].*$/s, '').replace(/[\\/]+$/, '');
