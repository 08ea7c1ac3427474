import { AbortedError, AmbiguousDictionaryError, LensError } from '../api/errors';
import { middle } from '../maths/middle';
import type { ReadOptions } from '../sources/folder';
import { heldSource } from '../sources/held';
import type { Source, StreamOptions } from '../sources/source';
import { type DictionaryFiles, readDictionary } from './dictionary';
import { entryOf, isIn, layersOf, listDictionaries, noticesOfLeft, ownEntries } from './dictionary-list';

/** Dictionaries of a model that is read into memory. */
interface Dictionaries {
  /** All layers that `open` accepts. */
  layers: readonly number[];
  /** Layers to open by default. */
  first: readonly number[];
  /** Whether nobody asked for them: one that cannot be read is then left out. */
  own: boolean;
  /** A sentence for each folder that was left out. */
  notices: readonly string[];
  /** Throws SiteUnavailableError for another layer, AmbiguousDictionaryError, and what `DictionaryEntry.plan` and
   *  `readDictionary` throw. */
  open(layer: number, options?: ReadOptions): Promise<DictionaryFiles>;
}

/** What dictionaries must fit. */
export interface ModelSizes {
  d: number;
  layers: number;
  /** As in PlanOptions. */
  name?: string;
}

export interface DictionariesOptions extends StreamOptions {
  /** As in OpenOptions. */
  folders?: readonly string[];
}

/** Opens the dictionaries of `sites`, or those that open by default, by layer. One of the model's own that nobody asked
 *  for does not stop the model: where it cannot be read, a notice says why. Throws what `open` throws for others. */
export async function openDictionaries(
  { first, own, open, notices: left }: Dictionaries,
  sites: readonly number[] | undefined,
  reading: ReadOptions = {},
): Promise<{ found: DictionaryFiles[]; notices: string[] }> {
  const found: DictionaryFiles[] = [];
  const notices = [...left];
  for (const layer of [...new Set(sites ?? first)].sort((a, b) => a - b)) {
    try {
      found.push(await open(layer, reading));
    } catch (error) {
      const chosen = sites || !own || error instanceof AmbiguousDictionaryError;
      if (chosen || !(error instanceof LensError) || error instanceof AbortedError) throw error;
      notices.push(`Left out: ${error.message}`);
    }
  }
  return { found, notices: [...notices, ...found.flatMap((files) => files.notices)] };
}

/** The dictionaries of the model's own folder; all of them open by default. Throws what `ownEntries` throws. */
export async function ownDictionaries(
  source: Source,
  { d, layers, name }: ModelSizes,
  { folders, signal }: DictionariesOptions = {},
): Promise<Dictionaries> {
  const { entries, left } = await ownEntries(source, { signal });
  const list = { entries: entries.filter(({ about }) => isIn(`${about.folder}/`, folders)), left };
  const all = layersOf(list.entries);
  return {
    layers: all,
    first: all,
    own: true,
    notices: noticesOfLeft(left),
    open: async (layer, reading = {}) => {
      const entry = entryOf(source, list, layer);
      const held = heldSource(source, (path, ...of) => !path.endsWith('.json') && reading.onBytes?.(...of));
      const plan = await entry.plan(held, { d, layers, name, signal: reading.signal });
      return { ...(await readDictionary(plan.source ?? held, plan, { signal: reading.signal })), source };
    },
  };
}

/** The dictionaries of a separate source, in any form; `k`: for files that do not state it. Throws what
 *  `listDictionaries` throws. */
export async function otherDictionaries(
  source: Source,
  { d, layers, name, k }: ModelSizes & { k?: number },
  options: DictionariesOptions = {},
): Promise<Dictionaries> {
  const list = await listDictionaries(source, options);
  const all = layersOf(list.entries);
  if (all.length === 0 && list.left[0]) throw list.left[0].error;
  return {
    layers: all,
    first: middle(all),
    own: false,
    notices: noticesOfLeft(list.left),
    open: async (layer, reading = {}) => {
      const plan = await entryOf(source, list, layer).plan(source, { d, layers, name, k, ...reading });
      return { ...(await readDictionary(plan.source ?? source, plan, reading)), source };
    },
  };
}
