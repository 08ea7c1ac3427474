import { SiteUnavailableError } from '../api/errors';
import { middle } from '../maths/middle';
import type { ReadOptions } from '../sources/folder';
import { heldSource } from '../sources/held';
import type { Source, StreamOptions } from '../sources/source';
import { type DictionaryFiles, readDictionary } from './dictionary';
import { listDictionaries, ownFolders, SAELENS_WEIGHTS } from './dictionary-list';
import { planSaelens, readDictionaryFile } from './dictionary-plan';

/** Dictionaries of a model that is read into memory. */
interface Dictionaries {
  /** All layers that `open` accepts. */
  layers: readonly number[];
  /** Layers to open by default. */
  first: readonly number[];
  /** Throws SiteUnavailableError for another layer, and what `readDictionary` throws. */
  open(layer: number, options?: ReadOptions): Promise<DictionaryFiles>;
}

interface ModelSizes {
  d: number;
  layers: number;
}

/** The dictionaries of the model's own folder; all of them open by default. Throws what `ownFolders` throws. */
export async function ownDictionaries(
  source: Source,
  { d, layers }: ModelSizes,
  options: StreamOptions = {},
): Promise<Dictionaries> {
  const folders = new Map((await ownFolders(source, options)).map((folder) => [folder.config.layer, folder]));
  const all = [...folders.keys()];
  return {
    layers: all,
    first: all,
    open: async (layer, reading = {}) => {
      const folder = folders.get(layer);
      if (!folder) throw new SiteUnavailableError(`${source.name} has no dictionary for layer ${layer}.`, { layer });
      const held = heldSource(source, (path, ...of) => path.endsWith(SAELENS_WEIGHTS) && reading.onBytes?.(...of));
      const plan = await planSaelens(held, folder, { d, layers, signal: reading.signal });
      return { ...(await readDictionary(held, plan, { signal: reading.signal })), source };
    },
  };
}

/** The dictionaries of a separate source, in any form; `k`: for files that do not state it. Throws what
 *  `listDictionaries` throws. */
export async function otherDictionaries(
  source: Source,
  { d, layers, k }: ModelSizes & { k?: number },
  options: StreamOptions = {},
): Promise<Dictionaries> {
  const all = (await listDictionaries(source, options)).layers;
  return {
    layers: all,
    first: middle(all),
    open: async (layer, reading = {}) =>
      readDictionary(source, await readDictionaryFile(source, layer, { d, layers, k, ...reading }), reading),
  };
}
