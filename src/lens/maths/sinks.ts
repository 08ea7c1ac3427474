import type { SiteCodes } from '../api/site';

/** Attention sinks beyond position 0. Models park attention on few tokens whose residual is many times as large as the
 *  others' and lies almost wholly in one channel (massive activations: Sun et al., 2024,
 *  https://arxiv.org/abs/2402.17762). In some models the largest channel dominates every token, and some tokens are
 *  large for other reasons: neither the norm nor the share tells alone. */

/** A norm from here on, in medians, with a share above SHARE is a sink's. */
const TIMES = 3;
const SHARE = 0.8;
/** And from here on whatever the share is. */
const TIMES_ALONE = 8;
/** Tokens from which on a text's own median counts. */
const ENOUGH = 16;

/** What of a text is read at one site. `peak` is left out where only norms are known. */
type Residuals = Pick<SiteCodes, 'norm'> & Partial<Pick<SiteCodes, 'peak'>>;

/** Whether a residual is a sink's: its norm, the largest channel's share of its square (0 where it is not known), and the
 *  site's median norm (null: not known, and then it is none). */
export const isSink = (norm: number, share: number, median: number | null): boolean =>
  median !== null && median > 0 && (norm > TIMES_ALONE * median || (norm > TIMES * median && share > SHARE));

/** The median norm that sinks are told by: the site's own on held-out text, else that of the text; null of a text of
 *  fewer than 16 tokens. Position 0 does not count. */
export function sinkMedian({ norm }: Pick<SiteCodes, 'norm'>, known: number | null): number | null {
  if (known !== null) return known;
  if (norm.length < ENOUGH) return null;
  return medianOf(norm.subarray(1));
}

/** The middle of some numbers, the mean of the middle two; NaN of none. */
export function medianOf(values: Float32Array): number {
  const sorted = values.slice().sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Positions of a text that take no part in what sums, ranks, scales or takes maxima over its tokens: 0, by its position,
 *  and sinks. Of a text of one token none. `known`: SiteInfo.normMedian. */
export function sinksOf({ norm, peak }: Residuals, known: number | null): ReadonlySet<number> {
  const sinks = new Set<number>();
  if (norm.length < 2) return sinks;
  const median = sinkMedian({ norm }, known);
  for (let t = 0; t < norm.length; t++) if (t === 0 || isSink(norm[t]!, peak?.[t] ?? 0, median)) sinks.add(t);
  return sinks;
}
