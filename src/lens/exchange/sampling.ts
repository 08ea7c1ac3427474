import type { RecipeSampling } from '../api/recipe';

/** The default sampling of `generate`. */
export const SAMPLING: Readonly<RecipeSampling> = { temperature: 0.7, topP: 0.95, seed: 16, maxTokens: 48 };

/** The largest temperature. */
export const HOTTEST = 10;
/** Most stop sequences, and most characters of one. */
export const MOST_STOPS = 16;
export const LONGEST_STOP = 200;
/** The repetition penalty's range. */
export const LEAST_PENALTY = 0.1;
export const MOST_PENALTY = 10;

/** Fills missing options with the defaults, and checks none. An empty list of stop sequences, and a penalty of 1, are
 *  left out: equal sampling has equal keys. */
export function withDefaults(options: Partial<RecipeSampling>): RecipeSampling {
  const {
    temperature = SAMPLING.temperature,
    topP = SAMPLING.topP,
    seed = SAMPLING.seed,
    maxTokens = SAMPLING.maxTokens,
    stop,
    repetitionPenalty,
  } = options;
  return {
    temperature,
    topP,
    seed,
    maxTokens,
    ...(stop !== undefined && !isNone(stop) && { stop }),
    ...(repetitionPenalty !== undefined && repetitionPenalty !== 1 && { repetitionPenalty }),
  };
}

/** What is no list, whatever its type says, is left to who checks it. */
const isNone = (stop: unknown) => Array.isArray(stop) && stop.length === 0;
