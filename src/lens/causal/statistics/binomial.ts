import { demand, demandCount } from './checks';

/** Tails of X ~ Bin(n, p) at x; both hold X = x itself. */
export interface Tails {
  atLeast: number;
  atMost: number;
  exactly: number;
}

/** By weights relative to the likeliest count, each from its neighbour's by one ratio: neither logarithms nor powers, so
 *  that every machine has the same digits and nothing overflows. O(n). */
export function binomialTails(x: number, n: number, p: number): Tails {
  demandCount(n, 'Tries');
  demandCount(x, 'Hits');
  demand(x <= n, `There cannot be ${x} hits in ${n} tries.`);
  demand(p >= 0 && p <= 1, `A probability must lie between 0 and 1; it is ${p}.`);
  if (p === 0 || p === 1) {
    const sure = p * n;
    return { atLeast: sure >= x ? 1 : 0, atMost: sure <= x ? 1 : 0, exactly: sure === x ? 1 : 0 };
  }
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  let [below, above, at] = [0, 0, 0];
  const add = (k: number, weight: number): void => {
    if (k < x) below += weight;
    else if (k > x) above += weight;
    else at = weight;
  };
  add(mode, 1);
  for (let k = mode, weight = 1; k < n; k++) {
    weight *= ((n - k) / (k + 1)) * odds;
    add(k + 1, weight);
  }
  for (let k = mode, weight = 1; k > 0; k--) {
    weight *= k / (n - k + 1) / odds;
    add(k - 1, weight);
  }
  const all = below + at + above;
  return { atLeast: (at + above) / all, atMost: (below + at) / all, exactly: at / all };
}
