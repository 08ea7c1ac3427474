import { InvalidOptionError } from '../api/errors';
import type { PickedFolder } from '../api/model';

/** A repository as Hugging Face's libraries keep it: `models--Owner--name` with `refs`, `blobs` and `snapshots`. */
export interface CachedRepository {
  /** What stands before `snapshots/` in its paths: empty, or ends in a slash. */
  base: string;
  /** `Owner/name`, or the folder's own name where it is no cache's. */
  repo: string;
  /** Its snapshots, by their commits, in the order of the paths. */
  snapshots: readonly string[];
}

const SNAPSHOT = /^((?:.*\/)?)snapshots\/([^/]+)\/./;
/** A commit and a line's end. */
export const LONGEST_REF = 200;

/** The cached repositories of models among the paths of a folder called `name`; empty where it is no Hub cache. A folder
 *  with a `config.json` of its own is a model, whatever it calls `snapshots`, and so is one that has neither a cache's
 *  name nor its `refs` or `blobs`. */
export function cachedRepositories(paths: readonly string[], name: string): CachedRepository[] {
  const found = new Map<string, Set<string>>();
  for (const path of paths) {
    const [, base, snapshot] = SNAPSHOT.exec(path) ?? [];
    if (base === undefined || snapshot === undefined || /(^|\/)(?:datasets|spaces)--[^/]+\/$/.test(base)) continue;
    found.set(base, (found.get(base) ?? new Set()).add(snapshot));
  }
  const isCache = (base: string) => {
    const within = (path: string) => paths.some((each) => each.startsWith(base + path));
    const named = folderBefore(base, name).startsWith('models--') || within('refs/') || within('blobs/');
    return named && !paths.includes(`${base}config.json`);
  };
  return [...found]
    .filter(([base]) => isCache(base))
    .map(([base, snapshots]) => ({ base, repo: repositoryOf(base, name), snapshots: [...snapshots] }));
}

/** `models--Qwen--Qwen3-8B/` as Qwen/Qwen3-8B. */
function repositoryOf(base: string, name: string): string {
  const [, owner, repo] = /^models--(.+?)--(.+)$/.exec(folderBefore(base, name)) ?? [];
  return owner === undefined ? folderBefore(base, name) : `${owner}/${repo}`;
}

/** The folder that a repository's paths begin with; `name` where they begin in the repository itself. */
export const folderBefore = (base: string, name: string): string => base.split('/').at(-2) ?? name;

/** The snapshot that opens: the one at refs/main (`main` is that file's text), else the only one; null where that does
 *  not decide. */
export function snapshotAt({ snapshots }: CachedRepository, main: string | null): string | null {
  const named = main?.trim();
  return snapshots.find((snapshot) => snapshot === named) ?? (snapshots.length === 1 ? snapshots[0]! : null);
}

/** A picked folder, or of a Hub cache the files of the snapshot that opens. Throws InvalidOptionError for a cache of
 *  several repositories, and of several snapshots where refs/main names none. */
export async function outOfCache(picked: PickedFolder): Promise<PickedFolder> {
  const files = picked.files.map(({ path, file }) => ({ path: path.replace(/^(?:\.?\/)+/, ''), file }));
  const [cache, ...others] = cachedRepositories(
    files.map(({ path }) => path),
    picked.name,
  );
  if (!cache) return picked;
  if (others.length)
    throw severalIn(
      picked.name,
      [cache, ...others].map(({ repo }) => repo),
    );
  const ref = files.find(({ path }) => path === `${cache.base}refs/main`)?.file;
  const main = ref && ref.size <= LONGEST_REF ? await ref.text() : null;
  const snapshot = snapshotAt(cache, main);
  if (snapshot === null) throw undecided(picked.name, cache);
  const begin = `${cache.base}snapshots/${snapshot}/`;
  return {
    name: folderBefore(cache.base, picked.name),
    files: files.flatMap(({ path, file }) =>
      path.startsWith(begin) ? [{ path: path.slice(begin.length), file }] : [],
    ),
  };
}

export const severalIn = (folder: string, repositories: readonly string[]): InvalidOptionError =>
  new InvalidOptionError(
    `${folder} is a Hub cache of ${repositories.length} repositories: ${repositories.slice(0, 20).join(', ')}${repositories.length > 20 ? ', …' : ''}. Open the folder of one (models--Owner--name).`,
    { folder, repositories },
  );

export const undecided = (folder: string, { repo, snapshots }: CachedRepository): InvalidOptionError =>
  new InvalidOptionError(
    `${folder} holds ${snapshots.length} snapshots of ${repo}, and its refs/main names none of them. Open the folder of one: snapshots/${snapshots.join(', snapshots/')}.`,
    { folder, snapshots },
  );
