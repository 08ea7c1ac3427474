import { binomialTails } from './binomial';
import { demandCount } from './checks';
import { CONFIDENCE, type Interval } from './interval';
import { wilson } from './rate';

/** Prompts by what the edit and no edit gave, each 0 or 1. */
export interface PairedTable {
  both: number;
  /** With the edit only. */
  gained: number;
  /** Without it only. */
  lost: number;
  neither: number;
}

/** Rate with the edit less rate without, by Newcombe's square-and-add of Wilson's limits with a correction for pairs
 *  (Newcombe 1998, Stat. Med. 17:2635, method 10). */
export function newcombe({ both, gained, lost, neither }: PairedTable, level = CONFIDENCE): Interval {
  for (const [name, count] of Object.entries({ both, gained, lost, neither })) demandCount(count, `“${name}”`);
  const n = both + gained + lost + neither;
  demandCount(n, 'Pairs', 1);
  const one = wilson((both + gained) / n, n, level);
  const two = wilson((both + lost) / n, n, level);
  const margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither);
  const product = both * neither - gained * lost;
  const corrected = product > n / 2 ? product - n / 2 : Math.min(product, 0);
  const phi = margins === 0 ? 0 : corrected / Math.sqrt(margins);
  const add = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const mean = (gained - lost) / n;
  return {
    mean,
    low: mean - add(one.mean - one.low, two.high - two.mean),
    high: mean + add(two.mean - two.low, one.high - one.mean),
  };
}

export interface McNemar {
  /** One-sided and exact: that at least so many of the prompts that turned were gained, were either way as likely. */
  p: number;
  /** One-sided too, what is seen counted half: more power, no guarantee (Fagerland et al. 2013, BMC Med. Res. Methodol.
   *  13:91). */
  midP: number;
}

/** McNemar's exact conditional test of `gained` against `lost` prompts. None turned: p is 1. */
export function mcnemar(gained: number, lost: number): McNemar {
  demandCount(gained, 'Gained prompts');
  demandCount(lost, 'Lost prompts');
  const { atLeast, exactly } = binomialTails(gained, gained + lost, 0.5);
  return { p: atLeast, midP: atLeast - exactly / 2 };
}
