import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type CachedRepository, cachedRepositories, severalIn, snapshotAt, undecided } from './hub-cache';

/** The folder that a path means: of a Hub cache (`models--Owner--name`, or the `hub` around it where it holds one
 *  model) the snapshot that opens, any other folder itself. Throws as `outOfCache`. */
export async function outOfDiskCache(directory: string): Promise<string> {
  const name = basename(resolve(directory));
  const own = await repositoryAt(directory, '', name);
  const within = own ? [own] : await repositoriesIn(directory, name);
  const [cache] = within;
  if (!cache) return directory;
  if (within.length > 1)
    throw severalIn(
      directory,
      within.map(({ repo }) => repo),
    );
  const main = await readFile(join(directory, cache.base, 'refs/main'), 'utf8').catch(() => null);
  const snapshot = snapshotAt(cache, main);
  if (snapshot === null) throw undecided(directory, cache);
  return join(directory, cache.base, 'snapshots', snapshot);
}

const repositoriesIn = async (directory: string, name: string): Promise<CachedRepository[]> => {
  const folders = (await foldersIn(directory)).filter((folder) => folder.startsWith('models--'));
  const found = await Promise.all(folders.map((folder) => repositoryAt(directory, `${folder}/`, name)));
  return found.filter((each) => each !== null);
};

async function repositoryAt(directory: string, base: string, name: string): Promise<CachedRepository | null> {
  const snapshots = await foldersIn(join(directory, base, 'snapshots'));
  if (snapshots.length === 0) return null;
  const beside = await readdir(join(directory, base), { withFileTypes: true });
  const paths = [
    ...snapshots.map((snapshot) => `${base}snapshots/${snapshot}/.`),
    ...beside.map((entry) => base + entry.name + (entry.isFile() ? '' : '/.')),
  ];
  return cachedRepositories(paths, name)[0] ?? null;
}

/** Links to folders count too; empty where there is no such folder. */
const foldersIn = (path: string): Promise<string[]> =>
  readdir(path, { withFileTypes: true }).then(
    (entries) => entries.filter((entry) => !entry.isFile()).map((entry) => entry.name),
    () => [],
  );
