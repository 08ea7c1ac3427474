import type { DictionaryChoice } from '../../lens/api/site';
import { figure } from '../../lens/maths/figures';

/** The layers that there are dictionaries of, each once. */
export const layersOf = (choices: readonly DictionaryChoice[]): number[] =>
  [...new Set(choices.map(({ layer }) => layer))].sort((a, b) => a - b);

/** A layer's dictionaries by their folders' names, numbers in them by size: width_16k before width_131k. */
export const choicesOf = (choices: readonly DictionaryChoice[], layer: number): DictionaryChoice[] =>
  choices
    .filter((choice) => choice.layer === layer)
    .sort((a, b) => a.about.folder.localeCompare(b.about.folder, 'en', { numeric: true }));

/** How many features of a token are active, before a dictionary is opened. */
export function activeSays({ k, about: { l0 } }: DictionaryChoice): string {
  if (k !== null) return `k ${k}`;
  return l0 === null ? '–' : `mean L0 ${figure(l0)}`;
}

/** How it was trained, and who wrote it. */
export const kindSays = ({ activation, about: { architecture, library } }: DictionaryChoice): string =>
  [architecture ?? activation, library].filter(Boolean).join(', ') || '–';

/** Where a choice lies in its source; '' for a folder of its own. */
export const placeOf = ({ file, about: { folder } }: DictionaryChoice): string =>
  [folder, file].filter(Boolean).join('/');
