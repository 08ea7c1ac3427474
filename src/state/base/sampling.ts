import type { RecipeSampling } from '../../lens/api/recipe';
import { LONGEST_STOP, MOST_STOPS, SAMPLING } from '../../lens/exchange/sampling';

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

/** `patch` within each option's range over `sampling`; what is no number, and a stop sequence that is empty or too long,
 *  changes nothing. Without stop sequences, and with a penalty of 1, their keys are missing: equal sampling has equal
 *  keys. */
export function setSampling(sampling: Sampling, patch: Partial<Sampling>): Sampling {
  const next = { ...sampling };
  for (const key of Object.keys(LIMITS) as Figure[]) {
    const value = patch[key];
    if (value === undefined || !Number.isFinite(value)) continue;
    const { min, max, whole } = LIMITS[key];
    const within = Math.min(max, Math.max(min, value));
    next[key] = whole ? Math.round(within) : within;
  }
  const { stop: before = [], repetitionPenalty = 1, ...rest } = next;
  const stop = patch.stop ? stopsOf(patch.stop) : before;
  return { ...rest, ...(stop.length > 0 && { stop }), ...(repetitionPenalty !== 1 && { repetitionPenalty }) };
}

/** Those that can be, each once, in their order. */
const stopsOf = (texts: readonly string[]): string[] =>
  [...new Set(texts.filter((text) => text.length > 0 && text.length <= LONGEST_STOP))].slice(0, MOST_STOPS);
