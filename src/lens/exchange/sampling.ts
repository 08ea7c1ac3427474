import type { RecipeSampling } from '../api/recipe';

/** What `generate` does where nothing else is asked for. */
export const SAMPLING: Readonly<RecipeSampling> = { temperature: 0.7, topP: 0.95, seed: 16, maxTokens: 48 };

/** The sampling of options, those left out by default. */
export function withDefaults(options: Partial<RecipeSampling>): RecipeSampling {
  const {
    temperature = SAMPLING.temperature,
    topP = SAMPLING.topP,
    seed = SAMPLING.seed,
    maxTokens = SAMPLING.maxTokens,
  } = options;
  return { temperature, topP, seed, maxTokens };
}
