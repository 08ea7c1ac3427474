import { demand, demandCount, demandShare } from './checks';

/** One part in 10^12: 3 × 1/60 and .05 are the same level in all but their last bits. */
const CLOSE = 1 + 1e-12;

/** Whether a p-value reaches a level. */
export const atLevel = (p: number, alpha: number): boolean => p <= alpha * CLOSE;

function demandPs(ps: readonly number[]): void {
  demand(ps.length > 0, 'There is no p-value.');
  demand(
    ps.every((p) => p >= 0 && p <= 1),
    'A p-value must lie between 0 and 1.',
  );
}

/** One claim that must beat several nulls: the largest of their p-values, with no correction (intersection–union test;
 *  Berger 1982, Technometrics 24:295). */
export function intersectionUnion(ps: readonly number[]): number {
  demandPs(ps);
  return Math.max(...ps);
}

/** Holm's adjusted p-values in the order given (Holm 1979, Scand. J. Stat. 6:65). */
export function holm(ps: readonly number[]): number[] {
  demandPs(ps);
  const out = new Array<number>(ps.length);
  let largest = 0;
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]! || a - b);
  order.forEach((i, place) => {
    largest = Math.max(largest, Math.min(1, (ps.length - place) * ps[i]!));
    out[i] = largest;
  });
  return out;
}

/** The fewest control draws with which a rank p, multiplied by `factor`, can reach alpha at all: ⌈factor / alpha⌉ − 1.
 *  The factor is the number of claims (Holm), of candidates looked at (Bonferroni), or the product of both. */
export function drawsNeeded(factor: number, alpha: number): number {
  demandCount(factor, 'The factor of a p-value', 1);
  demandShare(alpha, 'A level');
  return Math.ceil(factor / alpha / CLOSE) - 1;
}
