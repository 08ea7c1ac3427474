import { InvalidOptionError, ShapeMismatchError } from '../../api/errors';
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

/** Throws ShapeMismatchError if a dictionary is of another width than the model, or of a layer that it lacks. */
export function checkFits(
  file: string,
  { layer, d }: { layer: number; d: number },
  model: Pick<PlanOptions, 'd' | 'layers'>,
): void {
  if (d !== model.d || layer >= model.layers)
    throw new ShapeMismatchError(
      `${file} is of layer ${layer} of a model ${d} wide; this model has ${model.layers} layers and is ${model.d} wide. Use a dictionary of this model.`,
      { path: file, d, layer },
    );
}

/** Throws InvalidOptionError if a k was asked for of a dictionary that has none. */
export function refuseK(file: string, k: number | undefined): void {
  if (k !== undefined)
    throw new InvalidOptionError(`k ${k} was asked for, and ${file} is of a dictionary without one. Leave k out.`, {
      k,
    });
}
