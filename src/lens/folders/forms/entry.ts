import type { DictionaryChoice } from '../../api/site';
import type { Source } from '../../sources/source';
import type { DictionaryPlan } from '../dictionary-plan';

/** The model that a dictionary must fit. */
export interface PlanOptions {
  d: number;
  layers: number;
  /** Its name, to tell whether a dictionary was trained on another model. */
  name?: string;
  /** For dictionaries that state k nowhere. */
  k?: number;
  signal?: AbortSignal;
}

/** A dictionary that a source holds, as far as its name and configuration tell. */
export interface DictionaryEntry extends DictionaryChoice {
  form: DictionaryPlan['form'];
  /** Looks its weights' file up, without the weights. Throws ShapeMismatchError if it belongs to another model,
   *  UnknownKError if k is stated nowhere, InvalidOptionError if it is another than the one asked for,
   *  UnsupportedModelError for what would change its arithmetic, CorruptFileError, SiteUnavailableError. `source`: the
   *  same source, or one that holds its files in memory. */
  plan(source: Source, options: PlanOptions): Promise<DictionaryPlan>;
}
