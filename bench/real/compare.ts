import { logSumExp } from '../../src/lens/engine/sampler';

/** How far a run of a real model is from another program's numbers. */

/** Of rows of `width` numbers the largest |a − b| / |b|; Infinity where a number is none. */
export function worstRow(a: Float32Array, b: Float32Array, width: number): number {
  let worst = 0;
  for (let at = 0; at < b.length; at += width) {
    let [error, norm] = [0, 0];
    for (let i = at; i < at + width; i++) {
      error += (a[i]! - b[i]!) ** 2;
      norm += b[i]! ** 2;
    }
    worst = larger(worst, Math.sqrt(error / norm));
  }
  return worst;
}

/** A NaN is a difference without bound. */
const larger = (a: number, b: number) => (Number.isNaN(b) ? Number.POSITIVE_INFINITY : Math.max(a, b));

/** Of rows of logits [T, V]. */
export interface LogitFigures {
  /** Largest |difference| of a log-probability, nats, over all of the vocabulary at every position. */
  logprob: number;
  /** Positions at which the likeliest token is the same. */
  likeliest: number;
}

export function compareLogits(ours: Float32Array, theirs: Float32Array, vocabulary: number): LogitFigures {
  const figures = { logprob: 0, likeliest: 0 };
  for (let at = 0; at < theirs.length; at += vocabulary) {
    const [a, b] = [ours.subarray(at, at + vocabulary), theirs.subarray(at, at + vocabulary)];
    const shift = logSumExp(a) - logSumExp(b);
    for (let i = 0; i < vocabulary; i++) figures.logprob = larger(figures.logprob, Math.abs(a[i]! - b[i]! - shift));
    if (largest(a) === largest(b)) figures.likeliest++;
  }
  return figures;
}

function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

/** A greedy text beside another program's: tokens that are equal from the first on, and by how much (in logits) the
 *  other's token led where they part, null where they do not, or where it did not tell. */
export interface GreedyFigures {
  tokens: number;
  equal: number;
  lead: number | null;
}

export function compareGreedy(
  ours: readonly number[],
  theirs: { ids: readonly number[]; leads?: readonly number[] },
): GreedyFigures {
  const parted = theirs.ids.findIndex((id, i) => id !== ours[i]);
  const equal = parted < 0 ? theirs.ids.length : parted;
  const same = parted < 0 && ours.length === theirs.ids.length;
  return { tokens: theirs.ids.length, equal, lead: same ? null : (theirs.leads?.[equal] ?? null) };
}
