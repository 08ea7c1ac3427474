import { binomialTails } from './binomial';
import { demand, demandCount, demandShare } from './checks';
import { CONFIDENCE, type Interval } from './interval';
import { twoSidedZ } from './normal';
import { rootOf } from './root';

/** Wilson's score interval of a rate in [0, 1] seen in n independent tries (Wilson 1927, J. Am. Stat. Assoc. 22:209).
 *  n need not be whole: it may be an effective number of tries. */
export function wilson(rate: number, n: number, level = CONFIDENCE): Interval {
  demand(rate >= 0 && rate <= 1, `A rate must lie between 0 and 1; it is ${rate}.`);
  demand(n > 0 && Number.isFinite(n), `An interval needs tries; there are ${n}.`);
  demandShare(level, 'A confidence level');
  const z = twoSidedZ(level);
  const shrink = 1 + (z * z) / n;
  const center = (rate + (z * z) / (2 * n)) / shrink;
  const half = (z / shrink) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  // At 0 and 1 the limit is the rate itself, which rounding would miss.
  return {
    mean: rate,
    low: rate === 0 ? 0 : Math.max(0, center - half),
    high: rate === 1 ? 1 : Math.min(1, center + half),
  };
}

/** The exact interval of Clopper & Pearson (1934, Biometrika 26:404): the rates that neither one-sided test of
 *  (1 − level)/2 refuses. */
export function clopperPearson(hits: number, n: number, level = CONFIDENCE): Interval {
  demandCount(n, 'Tries', 1);
  demandCount(hits, 'Hits');
  demand(hits <= n, `There cannot be ${hits} hits in ${n} tries.`);
  demandShare(level, 'A confidence level');
  const tail = (1 - level) / 2;
  return {
    mean: hits / n,
    low: hits === 0 ? 0 : rootOf((p) => binomialTails(hits, n, p).atLeast - tail, 0, 1),
    high: hits === n ? 1 : rootOf((p) => tail - binomialTails(hits, n, p).atMost, 0, 1),
  };
}
