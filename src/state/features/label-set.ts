import * as v from 'valibot';
import * as s from '../../lens/exchange/schemas';
import { LONGEST_LABEL } from './neuronpedia-labels';

const texts = v.array(v.string());

const labelSet = s.object({
  /** Whose they are: the dictionary's, see `setKey`. */
  key: v.string(),
  /** Names of the files, and what their rows say they are of. */
  files: texts,
  of: texts,
  at: v.string(),
  labels: v.array(v.tuple([s.whole(0, Number.MAX_SAFE_INTEGER), s.text(LONGEST_LABEL)])),
});

/** Labels that were read from files, of one dictionary. */
export type LabelSet = v.InferOutput<typeof labelSet>;

/** A kept record, or it throws: another version of the page may have written anything. */
export const parseSet = (value: unknown): LabelSet => s.read(labelSet, value, 'labels');
