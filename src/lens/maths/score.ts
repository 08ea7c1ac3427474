import type { Score, ScoreControls } from '../api/verbalizer';

/** v at norm `scale`, summed in float64; zeros stay zeros. Null: as it is. The norm is replaced, not multiplied, since
 *  an AV reads a direction only. */
export function setNorm(v: Float32Array, scale: number | null): Float32Array {
  if (scale === null) return v.slice();
  const norm = length(v);
  return norm === 0 ? new Float32Array(v.length) : v.map((x) => (x / norm) * scale);
}

/** How well `made` stands for `gold`, by direction alone. A zero vector has cosine 0 with everything.
 *  error = |p^ - g^|² = 2 (1 - cos) of the unit vectors, FVE = 1 - error / variance: the reconstruction error of
 *  Natural Language Autoencoders (https://transformer-circuits.pub/2026/nla/index.html). */
export function scoreOf(made: Float32Array, gold: Float32Array, variance: number | null): Score {
  const norms = length(made) * length(gold);
  let dot = 0;
  for (let i = 0; i < gold.length; i++) dot += made[i]! * gold[i]!;
  const cosine = norms === 0 ? 0 : Math.max(-1, Math.min(1, dot / norms));
  const error = 2 * (1 - cosine);
  const relative = variance === null ? null : error / variance;
  return { cosine, error, relative, fve: relative === null ? null : 1 - relative };
}

/** Scores of other tokens' explanations as one figure: means, and the range of the middle 90 % of the FVEs. Null
 *  without scores. */
export function shuffled(scores: readonly Score[]): ScoreControls['shuffled'] {
  if (scores.length === 0) return null;
  const cosine = mean(scores.map((score) => score.cosine));
  const fves = scores.map(({ fve }) => fve).filter((fve) => fve !== null);
  if (fves.length < scores.length) return { n: scores.length, cosine, fve: null, low: null, high: null };
  return { n: scores.length, cosine, fve: mean(fves), low: quantile(fves, 0.05), high: quantile(fves, 0.95) };
}

/** The q-quantile, linear between neighbours (NumPy's default). */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** |v|, in float64. */
function length(v: Float32Array): number {
  let square = 0;
  for (const x of v) square += x * x;
  return Math.sqrt(square);
}
