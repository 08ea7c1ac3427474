import type { JsonObject } from '../../formats/json';
import type { Source, StreamOptions } from '../../sources/source';
import type { DictionaryPlan } from '../dictionary-plan';
import type { DictionaryEntry } from './entry';

/** Most bytes of a configuration. */
export const MAX_CONFIG = 1_000_000;

/** A form with a folder for each dictionary. */
export interface FolderForm {
  name: DictionaryPlan['form'];
  /** The configuration beside the weights; null if the form has none, or can do without. */
  config: 'cfg.json' | 'config.json' | null;
  weights: string;
  /** Whether a configuration is of this form, where only that can tell. */
  claims(config: JsonObject): boolean;
  /** Reads what names and configuration tell. `folder` is empty or ends with '/'; `config` is the parsed file, null
   *  where there is none. Throws UnsupportedModelError and CorruptFileError for a dictionary that cannot be read. */
  read(source: Source, folder: string, config: unknown, options: StreamOptions): Promise<DictionaryEntry>;
}
