import type { Candidates, Sampled } from '../engine/sampler';

/** SelfIE's relevancy of a token (Chen et al., 2024, https://arxiv.org/abs/2403.10949): |p - p without the vector|,
 *  both at T = 1 after the same tokens. High: the vector made the difference; near 0: the prompt alone would have said
 *  as much. */
export function relevancy(logprob: number, without: number): number {
  return Math.abs(Math.exp(logprob) - Math.exp(without));
}

/** The part of a batch that `shadowLogprobs` needs if no whole rows of logits were read. */
interface Surprisals {
  surprisals(token: (row: number) => number | undefined): Promise<ReadonlyMap<number, number>>;
}

/** log p of each row's drawn token in the row's shadow, row + n. */
export async function shadowLogprobs(
  batch: Surprisals,
  read: ReadonlyMap<number, Candidates>,
  drawn: ReadonlyMap<number, Sampled>,
  n: number,
): Promise<Map<number, number>> {
  const out = new Map<number, number>();
  for (const [row, { id }] of drawn) {
    const { logits, ids, logSumExp } = read.get(n + row)!;
    if (!ids) out.set(row, logits[id]! - logSumExp);
  }
  if (out.size === drawn.size) return out;
  const surprisals = await batch.surprisals((row) => drawn.get(row - n)?.id);
  for (const row of drawn.keys()) out.set(row, -surprisals.get(n + row)!);
  return out;
}
