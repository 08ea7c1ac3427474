import type { SiteCodes } from '../../lens/api/site';

/** Tokens on which more features are active than a dictionary's codes have room for; the strongest are kept. */
export interface CutTokens {
  count: number;
  /** Features that are active on the last of them, and how many are kept. */
  active: number;
  kept: number;
}

/** The tokens at `positions` of which not all active features are kept; null: none. */
export function cutTokens({ active, k }: SiteCodes, positions: Iterable<number>): CutTokens | null {
  const cut = [...positions].filter((position) => (active[position] ?? 0) > k);
  const last = cut.at(-1);
  return last === undefined ? null : { count: cut.length, active: active[last]!, kept: k };
}
