import type { RecipeSampling } from '../../lens/api/recipe';
import { SAMPLING } from '../../lens/exchange/sampling';

/** How texts are sampled. Temperature 0 is greedy. */
export type Sampling = RecipeSampling;

export const defaultSampling: Sampling = SAMPLING;

/** The options that are numbers. */
export type Figure = Exclude<keyof Sampling, 'stop'>;

export const LIMITS: Record<Figure, { min: number; max: number; whole: boolean }> = {
  temperature: { min: 0, max: 5, whole: false },
  topP: { min: 0.01, max: 1, whole: false },
  seed: { min: 0, max: 0xffffffff, whole: true },
  maxTokens: { min: 1, max: 1024, whole: true },
  repetitionPenalty: { min: 0.5, max: 2, whole: false },
};

/** `patch` within each option's range over `sampling`; what is no number changes nothing. */
export function setSampling(sampling: Sampling, patch: Partial<Sampling>): Sampling {
  const next = { ...sampling };
  for (const key of Object.keys(LIMITS) as Figure[]) {
    const value = patch[key];
    if (value === undefined || !Number.isFinite(value)) continue;
    const { min, max, whole } = LIMITS[key];
    const within = Math.min(max, Math.max(min, value));
    next[key] = whole ? Math.round(within) : within;
  }
  return next;
}
