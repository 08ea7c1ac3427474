import type { PickedFolder } from '../../lens/api/model';
import { count, listed } from '../../lens/maths/figures';
import { DICTIONARY_FILE, dictionaryFolders } from '../../lens/sources/dictionary-marks';
import {
  type CachedRepository,
  cachedRepositories,
  folderBefore,
  LONGEST_REF,
  snapshotAt,
} from '../../lens/sources/hub-cache';

/** A folder of this computer as far as it is taken, and what the reader should know about that. */
export interface TakenFolder {
  folder: PickedFolder;
  says: readonly string[];
  /** False if it is certain that nothing in it can be opened as what it was picked for. */
  opens: boolean;
  /** The file of a dictionary that it holds in place of a model. */
  dictionary: string | null;
  /** Folders in it, of which one is to be chosen; each has another name. */
  choices: readonly { name: string; folder: PickedFolder }[];
}

export type As = 'model' | 'dictionary' | 'verbalizer';
type Taken = Omit<TakenFolder, 'choices' | 'dictionary'> & Partial<Pick<TakenFolder, 'choices' | 'dictionary'>>;

/** More files than any model's folder has: a disk that was picked by mistake. */
export const MOST_FILES = 10_000;

/** What is taken of a picked folder. Of a Hub cache that is one snapshot, the one that refs/main names. `total`: how
 *  many files there were before the cut at `MOST_FILES`; null where nobody counted on. */
export async function takeFolder(picked: PickedFolder, as: As, total: number | null): Promise<TakenFolder> {
  const files = picked.files.map(({ path, file }) => ({ path: path.replace(/^(?:\.?\/)+/, ''), file }));
  const folder = { name: picked.name, files };
  const taken: Taken = (await cacheTaken(folder, as)) ?? { folder, says: [], opens: true };
  const says = total === files.length ? [] : [cutSays(total)];
  const wrong = taken.opens && as === 'model' ? wrongModel(taken.folder) : null;
  return { choices: [], dictionary: null, ...taken, ...wrong, says: [...says, ...taken.says, ...(wrong?.says ?? [])] };
}

const cutSays = (total: number | null): string =>
  `It has ${total === null ? `more than ${count(MOST_FILES)}` : count(total)} files; only the first ${count(MOST_FILES)} are looked at. Pick the model’s own folder.`;

/** What is taken of a Hub cache; null where the folder is none. */
async function cacheTaken(folder: PickedFolder, as: As): Promise<Taken | null> {
  const { name, files } = folder;
  const caches = cachedRepositories(
    files.map(({ path }) => path),
    name,
  );
  if (!caches.length) return linksOnly(files) ? { folder, says: [LINKS], opens: false } : null;
  const models = caches.filter(({ base }) => files.some(({ path }) => isModelOf(base, path)));
  const [only, ...more] = as === 'model' && models.length ? models : caches;
  if (more.length) {
    const choices = [only!, ...more].map(({ repo, base }, _, all) => ({
      name: all.filter((each) => each.repo === repo).length > 1 ? base.replace(/\/$/, '') : repo,
      folder: inside(folder, base),
    }));
    const says = [`A Hub cache of ${count(choices.length)} repositories. Choose one.`, ...linkedSays(folder, caches)];
    return { folder, says, opens: false, choices };
  }
  const taken = await snapshotTaken(folder, only!);
  taken.says = [...linkedSays(folder, caches), ...taken.says];
  if (caches.length === 1) return taken;
  return {
    ...taken,
    says: [`Of the ${count(caches.length)} repositories of the Hub cache ${only!.repo} is a model.`, ...taken.says],
  };
}

const isModelOf = (base: string, path: string): boolean =>
  path.startsWith(base) && /^snapshots\/[^/]+\/config\.json$/.test(path.slice(base.length));

/** A folder in a picked one, as if it had been picked itself. */
const inside = ({ name, files }: PickedFolder, base: string): PickedFolder => ({
  name: folderBefore(base, name),
  files: files.flatMap(({ path, file }) => (path.startsWith(base) ? [{ path: path.slice(base.length), file }] : [])),
});

async function snapshotTaken(folder: PickedFolder, cache: CachedRepository): Promise<Taken> {
  const { name, files } = inside(folder, cache.base);
  const of = (snapshot: string) =>
    files.flatMap(({ path, file }) => {
      const begin = `snapshots/${snapshot}/`;
      return path.startsWith(begin) ? [{ path: path.slice(begin.length), file }] : [];
    });
  const main = await refOf(files, 'refs/main');
  const opens = snapshotAt(cache, main);
  const chosen = opens ?? newest(new Map(cache.snapshots.map((snapshot) => [snapshot, of(snapshot)])));
  const others = cache.snapshots.filter((snapshot) => snapshot !== chosen);
  const why = opens === null ? 'the newest; refs/main names none of them' : 'the one that refs/main names';
  return {
    folder: { name, files: of(chosen) },
    says: others.length
      ? [`It has ${others.length + 1} snapshots: ${short(chosen)} is taken, ${why}, not ${listed(others.map(short))}.`]
      : [],
    opens: true,
  };
}

const HALF =
  'It is half of a trained pair that puts a model’s vectors into words (nla_meta.yaml), and no model to read. Open the pair’s model, and pick this folder as its verbalizer.';
const PAIR =
  'It holds a trained pair that puts a model’s vectors into words (nla_meta.yaml), and no model to read. Open the pair’s model, and pick this folder as its verbalizer.';

const LINKS =
  'A Hub cache whose files are links, which a browser does not follow. Download the repository into a folder of its own (hf download --local-dir), and pick that.';

/** Names the repositories of a cache whose files are links beside those that can be read. */
function linkedSays({ name, files }: PickedFolder, caches: readonly CachedRepository[]): string[] {
  const bases = files.flatMap(({ path }) => /^((?:.*\/)?models--[^/]+\/)blobs\/[^/]+$/.exec(path)?.[1] ?? []);
  const linked = [...new Set(bases)].filter((base) => !caches.some((cache) => cache.base === base));
  if (!linked.length) return [];
  const named = listed(linked.slice(0, 5).map((base) => folderBefore(base, name)));
  return [
    `Not in it, since their files are links, which a browser does not follow: ${named}${linked.length > 5 ? ' and others' : ''}.`,
  ];
}

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

const short = (commit: string): string => (/^[0-9a-f]{40}$/.test(commit) ? commit.slice(0, 7) : commit);

/** Why a folder holds no model that could be opened; null where it may. */
function wrongModel(folder: PickedFolder): Omit<Taken, 'folder'> | null {
  const { files } = folder;
  const refused = (says: string) => ({ says: [says], opens: false });
  const paths = files.map(({ path }) => path);
  const dictionaries = dictionaryFolders(paths);
  const configs = paths.filter((path) => /(^|\/)config\.json$/.test(path) && !dictionaries.has(folderOf(path)));
  const dictionary = paths.find((path) => DICTIONARY_FILE.test(path));
  if (dictionary !== undefined && !configs.length) {
    const says = `It holds a dictionary (${dictionary}) and no model. Open the dictionary’s model, and pick this folder there.`;
    return { ...refused(says), dictionary };
  }
  if (!configs.length)
    return refused(
      'There is no config.json in it, which states what a model is. Pick the folder that holds config.json, tokenizer.json and the weights.',
    );
  const depth = Math.min(...configs.map((path) => path.split('/').length));
  const tops = configs.filter((path) => path.split('/').length === depth);
  const half = (config: string) => files.some(({ path }) => path === config.replace(/config\.json$/, 'nla_meta.yaml'));
  if (tops.every(half)) return refused(tops.length === 1 ? HALF : PAIR);
  if (tops.length < 2) return null;
  const choices = tops
    .map((path) => path.slice(0, -'/config.json'.length))
    .map((path) => ({ name: path, folder: inside(folder, `${path}/`) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...refused(`It holds ${count(tops.length)} models. Choose one.`), choices };
}

const folderOf = (config: string): string => config.slice(0, -'config.json'.length);
