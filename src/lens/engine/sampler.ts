import { InvalidOptionError } from '../api/errors';
import type { RecipeSampling } from '../api/recipe';
import { gumbel } from '../maths/random';

/** Temperature 0 is greedy; topP is in (0, 1]. */
export type SamplerOptions = Omit<RecipeSampling, 'maxTokens'>;

/** The logits a row can be sampled from: a whole row (id = index), or the largest of it with their ids. */
export interface Candidates {
  logits: Float32Array;
  ids: Uint32Array | null;
  /** Log-sum-exp of the whole row at T = 1. */
  logSumExp: number;
}

export interface Sampled {
  id: number;
  /** log p at T = 1, whatever the temperature: the model's own opinion. */
  logprob: number;
  /** Probability mass at T = 1 that the candidates hold; 1 for a whole row. */
  mass: number;
}

export function checkSampling({ temperature, topP, seed }: SamplerOptions): void {
  if (!(temperature >= 0 && temperature <= 10))
    throw new InvalidOptionError(`Temperature ${temperature} is outside 0 to 10.`);
  if (!(topP > 0 && topP <= 1)) throw new InvalidOptionError(`Top-p ${topP} is outside 0 (exclusive) to 1.`);
  if (!Number.isSafeInteger(seed)) throw new InvalidOptionError(`Seed ${seed} is not a whole number.`);
}

function best(count: number, score: (i: number) => number, id: (i: number) => number): number {
  let winner = -1;
  let top = -Infinity;
  for (let i = 0; i < count; i++) {
    const s = score(i);
    if (s > top || (s === top && winner >= 0 && id(i) < id(winner))) {
      top = s;
      winner = i;
    }
  }
  return winner;
}

/** Indices of the smallest set of likeliest candidates whose probability at temperature T reaches `topP` of the
 *  candidates' mass: nucleus sampling (Holtzman et al., 2019, https://arxiv.org/abs/1904.09751). */
function nucleus(logits: Float32Array, temperature: number, topP: number, id: (i: number) => number): number[] {
  let max = -Infinity;
  for (const x of logits) if (x > max) max = x;
  const p = Float64Array.from(logits, (x) => Math.exp((x - max) / temperature));
  let total = 0;
  for (const x of p) total += x;
  // Candidates up to (1 - topP) / n of the mass sum to at most 1 - topP, so the others hold a nucleus. We sort only
  // those.
  const floor = ((1 - topP) / p.length) * total;
  const kept: number[] = [];
  for (let i = 0; i < p.length; i++) if (p[i]! > floor) kept.push(i);
  if (topP >= 1) return kept;
  kept.sort((a, b) => p[b]! - p[a]! || id(a) - id(b));
  let sum = 0;
  let n = 0;
  while (n < kept.length && sum < topP * total) sum += p[kept[n++]!]!;
  return kept.slice(0, n);
}

/** One token: greedy at temperature 0, else the Gumbel-max draw from the nucleus. The noise depends on (seed, step,
 *  token) alone, so rows with equal distributions draw equal tokens. */
export function sample(candidates: Candidates, { temperature, topP, seed }: SamplerOptions, step: number): Sampled {
  const { logits, ids, logSumExp } = candidates;
  const id = (i: number) => (ids ? ids[i]! : i);
  let winner: number;
  if (temperature === 0) {
    winner = best(logits.length, (i) => logits[i]!, id);
  } else {
    const kept = nucleus(logits, temperature, topP, id);
    const at = best(
      kept.length,
      (j) => logits[kept[j]!]! / temperature + gumbel(seed, step, id(kept[j]!)),
      (j) => id(kept[j]!),
    );
    winner = kept[at]!;
  }
  let mass = 1;
  if (ids) {
    mass = 0;
    for (const x of logits) mass += Math.exp(x - logSumExp);
  }
  return { id: id(winner), logprob: logits[winner]! - logSumExp, mass: Math.min(1, mass) };
}

/** log(sum(exp(x))), float64. */
export function logSumExp(logits: Float32Array): number {
  let max = -Infinity;
  for (const x of logits) if (x > max) max = x;
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - max);
  return max + Math.log(sum);
}
