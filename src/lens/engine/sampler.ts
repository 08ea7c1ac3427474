import { InvalidOptionError } from '../api/errors';
import type { RecipeSampling } from '../api/recipe';
import { HOTTEST, LEAST_PENALTY, LONGEST_STOP, MOST_PENALTY, MOST_STOPS } from '../exchange/sampling';
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

/** Throws InvalidOptionError. */
export function checkSampling({ temperature, topP, seed, stop = [], repetitionPenalty = 1 }: SamplerOptions): void {
  if (!(temperature >= 0 && temperature <= HOTTEST))
    throw new InvalidOptionError(`Temperature ${temperature} is outside 0 to ${HOTTEST}.`);
  if (!(topP > 0 && topP <= 1)) throw new InvalidOptionError(`Top-p ${topP} is outside 0 (exclusive) to 1.`);
  if (!Number.isSafeInteger(seed)) throw new InvalidOptionError(`Seed ${seed} is not a whole number.`);
  if (!(repetitionPenalty >= LEAST_PENALTY && repetitionPenalty <= MOST_PENALTY))
    throw new InvalidOptionError(
      `Repetition penalty ${repetitionPenalty} is outside ${LEAST_PENALTY} to ${MOST_PENALTY}.`,
    );
  if (!Array.isArray(stop) || stop.length > MOST_STOPS)
    throw new InvalidOptionError(`\`stop\` must be a list of at most ${MOST_STOPS} texts.`);
  for (const text of stop)
    if (typeof text !== 'string' || text.length < 1 || text.length > LONGEST_STOP)
      throw new InvalidOptionError(`A stop sequence must be a text of 1 to ${LONGEST_STOP} characters.`);
}

/** The logits with those of the tokens in `seen`, each once, divided by `penalty` where they are positive and multiplied
 *  by it where they are negative: CTRL's penalised sampling (Keskar et al., 2019,
 *  https://arxiv.org/abs/1909.05858), in the form that Hugging Face gave it. */
function penalised({ logits, ids }: Candidates, penalty: number, seen: ReadonlySet<number>): Float32Array {
  return logits.map((x, i) => (seen.has(ids ? ids[i]! : i) ? (x < 0 ? x * penalty : x / penalty) : x));
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
 *  token) alone, so rows with equal distributions draw equal tokens. `seen`: the tokens that the repetition penalty
 *  weighs, before the temperature does. Of cut candidates it weighs those that there are: greedy is exact while the
 *  penalty is at least 1 and the winner is above the least of them, and a penalty below 1 raises no token from
 *  outside. */
export function sample(
  candidates: Candidates,
  { temperature, topP, seed, repetitionPenalty = 1 }: SamplerOptions,
  step: number,
  seen: ReadonlySet<number> | null = null,
): Sampled {
  const { ids, logSumExp } = candidates;
  const logits = seen && repetitionPenalty !== 1 ? penalised(candidates, repetitionPenalty, seen) : candidates.logits;
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
    for (const x of candidates.logits) mass += Math.exp(x - logSumExp);
  }
  return { id: id(winner), logprob: candidates.logits[winner]! - logSumExp, mass: Math.min(1, mass) };
}

/** The n candidates of largest logit, the likeliest first, ties by lower id, with log p at T = 1. */
export function likeliest({ logits, ids, logSumExp }: Candidates, n: number): { id: number; logprob: number }[] {
  const top: { id: number; logit: number }[] = [];
  if (n === 0) return [];
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (top.length === n && logit < top[n - 1]!.logit) continue;
    const id = ids ? ids[i]! : i;
    let at = top.length;
    while (at > 0 && (logit > top[at - 1]!.logit || (logit === top[at - 1]!.logit && id < top[at - 1]!.id))) at--;
    top.splice(at, 0, { id, logit });
    if (top.length > n) top.pop();
  }
  return top.map(({ id, logit }) => ({ id, logprob: logit - logSumExp }));
}

/** log(sum(exp(x))), float64. */
export function logSumExp(logits: Float32Array): number {
  let max = -Infinity;
  for (const x of logits) if (x > max) max = x;
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - max);
  return max + Math.log(sum);
}
