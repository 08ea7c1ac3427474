import type { RecipeSampling } from '../api/recipe';

/** The default sampling of `generate`. */
export const SAMPLING: Readonly<RecipeSampling> = { temperature: 0.7, topP: 0.95, seed: 16, maxTokens: 48 };

/** Fills missing options with the defaults. */
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
    ...(stop?.length && { stop }),
    ...(repetitionPenalty !== undefined && repetitionPenalty !== 1 && { repetitionPenalty }),
  };
}
