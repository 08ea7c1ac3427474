import type { PickedFolder } from '../../lens/api/model';
import { count, listed } from '../../lens/maths/figures';

/** A folder of this computer as far as it is taken, and what the reader should know about that. */
export interface TakenFolder {
  folder: PickedFolder;
  says: readonly string[];
  /** False if it is certain that nothing in it can be opened as what it was picked for. */
  opens: boolean;
}

/** More files than any model's folder has: a disk that was picked by mistake. */
export const MOST_FILES = 10_000;
/** A commit and a line's end. */
const LONGEST_REF = 200;

const SNAPSHOT = /^((?:.*\/)?)snapshots\/([^/]+)\/./;
const DICTIONARY = /(?:^|\/)(?:layer\d+\.sae\.pt|cfg\.json)$/;

/** What is taken of a picked folder. Of a Hub cache that is one snapshot, the one that refs/main names. `total`: how
 *  many files there were before the cut at `MOST_FILES`; null where nobody counted on. */
export async function takeFolder(
  picked: PickedFolder,
  as: 'model' | 'dictionary',
  total: number | null,
): Promise<TakenFolder> {
  const files = picked.files.map(({ path, file }) => ({ path: path.replace(/^(?:\.?\/)+/, ''), file }));
  const folder = { name: picked.name, files };
  const taken = (await snapshotOf(folder)) ?? { folder, says: [], opens: true };
  const says = total === files.length ? [] : [cutSays(total)];
  const wrong = taken.opens && as === 'model' ? wrongModel(taken.folder) : null;
  return wrong
    ? { ...taken, says: [...says, ...taken.says, wrong], opens: false }
    : { ...taken, says: [...says, ...taken.says] };
}

const cutSays = (total: number | null): string =>
  `It has ${total === null ? `more than ${count(MOST_FILES)}` : count(total)} files; only the first ${count(MOST_FILES)} are looked at. Pick the model’s own folder.`;

/** The snapshot that is taken of a Hub cache; null where the folder is none. */
async function snapshotOf({ name, files }: PickedFolder): Promise<TakenFolder | null> {
  const caches = new Map<string, Map<string, PickedFolder['files']>>();
  for (const { path, file } of files) {
    const found = SNAPSHOT.exec(path);
    if (!found) continue;
    const [, base, snapshot] = found as unknown as [string, string, string];
    const snapshots = caches.get(base) ?? new Map<string, PickedFolder['files']>();
    caches.set(base, snapshots);
    const inside = { path: path.slice(base.length + 'snapshots/'.length + snapshot.length + 1), file };
    snapshots.set(snapshot, [...(snapshots.get(snapshot) ?? []), inside]);
  }
  if (caches.size > 1) {
    const repositories = listed([...caches.keys()].map((base) => repositoryOf(base, name)));
    return {
      folder: { name, files },
      says: [`A Hub cache of ${count(caches.size)} repositories: ${repositories}. Pick the folder of one.`],
      opens: false,
    };
  }
  const [cache] = caches;
  if (!cache) return linksOnly(files) ? { folder: { name, files }, says: [LINKS], opens: false } : null;
  const [base, snapshots] = cache;
  const main = await refOf(files, `${base}refs/main`);
  const named = main !== null && snapshots.has(main);
  const chosen = named ? main : newest(snapshots);
  const others = [...snapshots.keys()].filter((snapshot) => snapshot !== chosen);
  const why = named ? 'the one that refs/main names' : 'the newest; refs/main names none of them';
  return {
    folder: { name, files: snapshots.get(chosen)! },
    says: others.length
      ? [`It has ${others.length + 1} snapshots: ${short(chosen)} is taken, ${why}, not ${listed(others.map(short))}.`]
      : [],
    opens: true,
  };
}

const LINKS =
  'A Hub cache whose files are links, which a browser does not follow. Download the repository into a folder of its own (hf download --local-dir), and pick that.';

const linksOnly = (files: PickedFolder['files']): boolean =>
  files.some(({ path }) => /(^|\/)blobs\/[^/]+$/.test(path)) &&
  files.some(({ path }) => /(^|\/)refs\/[^/]+$/.test(path)) &&
  !files.some(({ path }) => /(^|\/)config\.json$/.test(path));

async function refOf(files: PickedFolder['files'], at: string): Promise<string | null> {
  const file = files.find(({ path }) => path === at)?.file;
  if (!file || file.size > LONGEST_REF) return null;
  return file.text().then(
    (text) => text.trim(),
    () => null,
  );
}

/** Of several snapshots the one whose files were written last. */
function newest(snapshots: ReadonlyMap<string, PickedFolder['files']>): string {
  const time = (files: PickedFolder['files']) => files.reduce((last, { file }) => Math.max(last, file.lastModified), 0);
  return [...snapshots].sort(([, a], [, b]) => time(b) - time(a))[0]![0];
}

/** `models--Qwen--Qwen3-8B/` as Qwen/Qwen3-8B. */
function repositoryOf(base: string, name: string): string {
  const last = base.split('/').at(-2) ?? name;
  return last.replace(/^models--/, '').replaceAll('--', '/');
}

const short = (commit: string): string => (/^[0-9a-f]{40}$/.test(commit) ? commit.slice(0, 7) : commit);

/** Why a folder holds no model that could be opened; null where it may. */
function wrongModel({ files }: PickedFolder): string | null {
  const configs = files.map(({ path }) => path).filter((path) => /(^|\/)config\.json$/.test(path));
  if (!configs.length) {
    const dictionary = files.find(({ path }) => DICTIONARY.test(path));
    return dictionary
      ? `It holds a dictionary (${dictionary.path}) and no model. Open the dictionary’s model, and pick this folder there.`
      : 'There is no config.json in it, which states what a model is. Pick the folder that holds config.json, tokenizer.json and the weights.';
  }
  const depth = Math.min(...configs.map((path) => path.split('/').length));
  const tops = configs.filter((path) => path.split('/').length === depth);
  if (tops.length < 2) return null;
  const folders = tops.map((path) => path.split('/').at(-2) ?? path).sort();
  const some = folders.slice(0, 5);
  return `It holds ${count(tops.length)} models: ${listed(some)}${folders.length > some.length ? ' and others' : ''}. Pick the folder of one.`;
}
