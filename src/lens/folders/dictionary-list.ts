import {
  AbortedError,
  AccessDeniedError,
  AmbiguousDictionaryError,
  CorruptFileError,
  LensError,
  MissingFileError,
  RateLimitedError,
  ShapeMismatchError,
  SiteUnavailableError,
  UnsupportedModelError,
} from '../api/errors';
import { plainFolder } from '../api/plain-folder';
import type { DictionaryChoice } from '../api/site';
import { JsonObject, parseJson, shown } from '../formats/json';
import type { Source, StreamOptions } from '../sources/source';
import type { DictionaryPlan } from './dictionary-plan';
import type { DictionaryEntry, PlanOptions } from './forms/entry';
import { type FolderForm, MAX_CONFIG } from './forms/form';
import { layerFile } from './forms/layer-file';
import { FOLDER_FORMS } from './forms/registry';

/** The dictionaries of a source. */
export interface DictionaryList {
  /** By layer in ascending order, then by folder. */
  entries: DictionaryEntry[];
  /** Folders that look like a dictionary's and are not read, with the reason. */
  left: { folder: string; error: LensError }[];
}

export interface ListOptions extends StreamOptions {
  /** How many layers to try if the source cannot be listed. */
  layers?: number;
  /** The folders to look in (OpenOptions.folders); by default all. */
  folders?: readonly string[];
}

/** Layers to try one by one if a source cannot be listed: more than any model here has. */
const PROBED = 128;
/** Folders whose configuration must be read to list them. */
const MAX_FOLDERS = 500;
const AT_ONCE = 8;

/** Finds the dictionaries of a source, in every form. A source that cannot be listed has those of its own folder, of the
 *  folders that are asked for or named in `sae/index.json`, and files of layers. What cannot be read is left out, with
 *  the reason. Throws what the source throws, UnsupportedModelError for too many folders, CorruptFileError for a damaged
 *  index. */
export async function listDictionaries(source: Source, options: ListOptions = {}): Promise<DictionaryList> {
  const { signal, folders } = options;
  if (!source.list) return probed(source, options);
  const paths = (await source.list({ signal })).filter((path) => isIn(folderOf(path), folders));
  const all = new Set(paths);
  const found = new Map<string, Found>();
  for (const path of paths) {
    const folder = folderOf(path);
    for (const form of FOLDER_FORMS) {
      if (path !== folder + form.weights || (form.config !== null && !all.has(folder + form.config))) continue;
      const key = folder + (form.config ?? form.weights);
      const before = found.get(key)?.forms ?? [];
      found.set(key, { folder, config: form.config, forms: [...before, form] });
    }
  }
  const read = [...found.values()].filter(({ config }) => config !== null).length;
  if (read > MAX_FOLDERS) {
    throw new UnsupportedModelError(
      `${source.name} has ${read} dictionaries in folders; at most ${MAX_FOLDERS} are looked through. Name the folders to look in.`,
      { folders: read },
    );
  }
  const list = await readAll([...found.values()], (each) => readFolder(source, each, { signal }));
  list.entries.push(...paths.flatMap((path) => layerFile(source, path) ?? []));
  return sorted(list);
}

/** The dictionaries in a model folder: those named in `sae/index.json`; without that file all in `sae/`, where the source
 *  can be listed. A folder that is not there is left out, too. Throws CorruptFileError for a damaged index, and what
 *  `listDictionaries` throws. */
export async function ownEntries(source: Source, options: StreamOptions = {}): Promise<DictionaryList> {
  const named = await indexed(source, options);
  if (!named && source.list) return listDictionaries(source, { ...options, folders: ['sae'] });
  return sorted(
    await readAll(named ?? [], async (folder) => {
      const entry = await probeFolder(source, folder, options);
      if (entry) return entry;
      throw new SiteUnavailableError(
        `sae/index.json names ${folder.slice(4, -1)}, and there is no dictionary in ${folder}.`,
        { folder },
      );
    }),
  );
}

/** Plans the dictionary of a layer in a source. Throws SiteUnavailableError if there is none, AmbiguousDictionaryError
 *  if there are several, and what `DictionaryEntry.plan` throws. */
export async function readDictionaryFile(
  source: Source,
  layer: number,
  options: PlanOptions & ListOptions,
): Promise<DictionaryPlan> {
  const { layers } = options;
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers)
    throw new ShapeMismatchError(
      `A dictionary of layer ${layer} was asked for, and the model has layers 0 to ${layers - 1}.`,
      { layer },
    );
  return entryOf(source, await listDictionaries(source, options), layer).plan(source, options);
}

/** The one entry of a layer. Throws SiteUnavailableError, AmbiguousDictionaryError, and why the only folder of a source
 *  was left out. */
export function entryOf(source: Source, { entries, left }: DictionaryList, layer: number): DictionaryEntry {
  const [first, second] = entries.filter((entry) => entry.layer === layer);
  if (first && !second) return first;
  if (first) {
    const names = entries.flatMap((entry) => (entry.layer === layer ? [entry.about.folder || 'its own folder'] : []));
    const says = `${source.name} has ${names.length} dictionaries of layer ${layer}`;
    throw new AmbiguousDictionaryError(
      `${says}, in ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}. Choose one folder.`,
      { layer, choices: choicesOf(entries), left: noticesOfLeft(left), says: `${says}. Choose one.` },
    );
  }
  if (entries.length === 0 && left[0]) throw left[0].error;
  const there = [...new Set(entries.map((entry) => entry.layer))];
  throw new SiteUnavailableError(
    `${source.name} has no dictionary of layer ${layer}. Layers: ${there.join(', ') || 'none'}.`,
    { layer },
  );
}

/** Entries as plain data. */
export function choicesOf(entries: readonly DictionaryEntry[]): DictionaryChoice[] {
  return entries.map(({ layer, about, file, d, width, activation, k }) => ({
    layer,
    about,
    file,
    d,
    width,
    activation,
    k,
  }));
}

/** Layers of entries, each once, in ascending order. */
export function layersOf(entries: readonly DictionaryEntry[]): number[] {
  return [...new Set(entries.map(({ layer }) => layer))].sort((a, b) => a - b);
}

/** A sentence for each folder that was left out; from the fourth on they are only counted. */
export function noticesOfLeft(left: DictionaryList['left']): string[] {
  const sentences = left.slice(0, 3).map(({ error }) => `Left out: ${error.message}`);
  const more = left.length - sentences.length;
  return more > 0 ? [...sentences, `Left out: ${more} more folders that hold no dictionary of this kind.`] : sentences;
}

/** Whether a folder is one of those asked for, or lies in one. '' is the source's own folder alone. */
export function isIn(folder: string, asked: readonly string[] | undefined): boolean {
  if (!asked) return true;
  return asked.some((name) => {
    const wanted = folderNamed(name);
    return wanted === '' ? folder === '' : folder.startsWith(wanted);
  });
}

/** A folder as somebody named it, as '' or a path that ends with '/'. */
export function folderNamed(name: string): string {
  const bare = plainFolder(name);
  return bare && `${bare}/`;
}

/** '' or a path that ends with '/'. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

const twoDigits = (n: number) => String(n).padStart(2, '0');
/** How files of layers are named, the commonest first. */
const LAYER_FILES: readonly ((n: number) => string)[] = [
  (n) => `layer${n}.sae.pt`,
  (n) => `layer_${twoDigits(n)}.pt`,
  (n) => `layer_${n}.pt`,
  (n) => `layer${n}.pt`,
  (n) => `layer${twoDigits(n)}.pt`,
];

async function probed(source: Source, { layers = PROBED, folders, signal }: ListOptions): Promise<DictionaryList> {
  const within = [...new Set(['', ...((await indexed(source, { signal })) ?? [])])].filter((folder) =>
    isIn(folder, folders),
  );
  const asked = (folders ?? []).map(folderNamed);
  const all = [...new Set([...within, ...asked])];
  const list = await readAll(all, (folder) => probeFolder(source, folder, { signal }));
  const numbers = Array.from({ length: Math.min(layers, PROBED) }, (_, n) => n);
  for (const spelling of LAYER_FILES) {
    const files = (folders ? asked : ['']).flatMap((folder) => numbers.map((n) => folder + spelling(n)));
    const there = await fewAtOnce(files, (path) => source.stat(path, { signal }));
    list.entries.push(...there.flatMap((file) => (file ? (layerFile(source, file.path) ?? []) : [])));
    // Further spellings are asked for only where nothing else is there.
    if (list.entries.length > 0) break;
  }
  return sorted(list);
}

/** The dictionary of a folder that cannot be listed; null if it has none. */
async function probeFolder(source: Source, folder: string, options: StreamOptions): Promise<DictionaryEntry | null> {
  for (const config of ['cfg.json', 'config.json', null] as const) {
    const forms = FOLDER_FORMS.filter((form) => form.config === config);
    const json = config && forms.length > 0 ? await configOf(source, folder, config, options) : null;
    for (const form of forms) {
      if (config === null ? await source.stat(folder + form.weights, options) : json && claims(form, json, folder))
        return form.read(source, folder, json, options);
    }
  }
  return null;
}

/** A folder with a configuration and weights by the names of `forms`, or with weights of forms without one. */
interface Found {
  folder: string;
  config: FolderForm['config'];
  forms: FolderForm[];
}

async function readFolder(
  source: Source,
  { folder, config, forms }: Found,
  options: StreamOptions,
): Promise<DictionaryEntry> {
  const json = config && (await configOf(source, folder, config, options));
  const form = FOLDER_FORMS.find((each) => forms.includes(each) && (config === null || claims(each, json, folder)));
  if (form) return form.read(source, folder, json, options);
  throw new UnsupportedModelError(
    `${folder}${config} is not the configuration that belongs to ${forms.map(({ weights }) => weights).join(' or ')} beside it. Save the dictionary again with the library that trained it.`,
    { file: `${folder}${config}` },
  );
}

function claims(form: FolderForm, json: unknown, folder: string): boolean {
  return form.claims(new JsonObject(json, folder + form.config));
}

async function configOf(source: Source, folder: string, name: string, options: StreamOptions): Promise<unknown> {
  const bytes = await source.tryRead(folder + name, { ...options, most: MAX_CONFIG });
  return bytes && parseJson(bytes, folder + name);
}

/** The folders named in a source's `sae/index.json`, all beside that file; null without it. An address needs it: it
 *  cannot be listed. */
async function indexed(source: Source, options: StreamOptions): Promise<string[] | null> {
  const file = 'sae/index.json';
  const bytes = await source.tryRead(file, { ...options, most: MAX_CONFIG });
  if (!bytes) return null;
  const names = parseJson(bytes, file);
  if (!Array.isArray(names)) throw new CorruptFileError(`${file} must hold a list of folder names.`, { file });
  const known = new Set<string>();
  for (const name of names as unknown[]) {
    if (typeof name !== 'string' || !/^[\w-][\w.-]{0,199}$/.test(name))
      throw new CorruptFileError(`${file} must name folders beside it, but holds ${shown(name)}.`, { file });
    if (known.has(name)) throw new CorruptFileError(`${file} names ${name} twice.`, { file });
    known.add(name);
  }
  return [...known].map((name) => `sae/${name}/`);
}

/** Reads entries one by one; what one of them throws of itself leaves that one out. */
async function readAll<T>(items: T[], read: (item: T) => Promise<DictionaryEntry | null>): Promise<DictionaryList> {
  const left: DictionaryList['left'] = [];
  const entries = await fewAtOnce(items, async (item) => {
    try {
      return await read(item);
    } catch (error) {
      if (!(error instanceof LensError) || isOfSource(error)) throw error;
      const folder = typeof item === 'string' ? item : (item as { folder: string }).folder;
      left.push({ folder: folder.replace(/\/$/, ''), error });
      return null;
    }
  });
  return { entries: entries.filter((entry) => entry !== null), left };
}

/** Of the way to the source, so of every folder. What is not there is read as null: a file that is missed could not be
 *  fetched, and the next try may find it. */
function isOfSource(error: LensError): boolean {
  const refused = error instanceof AccessDeniedError || error instanceof RateLimitedError;
  return refused || error instanceof AbortedError || error instanceof MissingFileError;
}

function sorted({ entries, left }: DictionaryList): DictionaryList {
  const order = (a: string, b: string) => Number(a > b) - Number(a < b);
  return {
    entries: entries.sort((a, b) => a.layer - b.layer || order(a.about.folder, b.about.folder)),
    left: left.sort((a, b) => order(a.folder, b.folder)),
  };
}

async function fewAtOnce<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE)
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  return results;
}
