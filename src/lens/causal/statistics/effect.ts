import { uniform } from '../../maths/random';
import { demandCount, demandNumbers } from './checks';
import { CONFIDENCE, type Interval } from './interval';
import { twoSidedZ } from './normal';
import { deviation, mean } from './sample';
import { studentQuantile } from './student';

/** With fewer clusters no interval is computed. */
const FEWEST = 20;

/** Paired effects of this many clusters are flipped in every way, of more at random. */
const ALL_FLIPS = 14;
const DRAWS = 9999;

/** Streams of their own, apart from those of sampling and of control directions. */
const STREAM = 0x60000000;

/** Sums in another order differ in their last bits. */
const CLOSE = 1e-12;

/**
 * The mean of paired effects, a mean a cluster, by Student's t with G − 1 degrees; null below 20 clusters. `bounded`:
 * effects lie in [−1, 1], as of rates. Then each side is at least z²/(G + z²) wide, Wilson's width where nothing
 * varies, and the limits stay within [−1, 1].
 */
export function clusteredEffect(effects: readonly number[], bounded: boolean): Interval | null {
  demandNumbers(effects, 'Effects');
  const groups = effects.length;
  if (groups < FEWEST) return null;
  const middle = mean(effects);
  const z = twoSidedZ(CONFIDENCE);
  const t = studentQuantile(1 - (1 - CONFIDENCE) / 2, groups - 1);
  const half = Math.max((t * deviation(effects)) / Math.sqrt(groups), bounded ? (z * z) / (groups + z * z) : 0);
  const [least, most] = bounded ? [-1, 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { mean: middle, low: Math.max(least, middle - half), high: Math.min(most, middle + half) };
}

/**
 * One-sided p of paired effects, a mean a cluster: the share of ways to choose their signs that gives as large a sum.
 * All 2^G up to 14 clusters; else 9,999 seeded ones and the one seen, (1 + #) / 10,000 (Fisher 1935, The Design of
 * Experiments, 21; Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39).
 */
export function signFlips(effects: readonly number[], seed: number): number {
  demandNumbers(effects, 'Effects');
  demandCount(seed, 'A seed');
  const groups = effects.length;
  const seen = effects.reduce((sum, effect) => sum + effect, 0);
  const enough = seen - CLOSE * effects.reduce((sum, effect) => sum + Math.abs(effect), 0);
  const asLarge = (down: (g: number) => boolean): number => {
    let sum = 0;
    for (let g = 0; g < groups; g++) sum += down(g) ? -effects[g]! : effects[g]!;
    return sum >= enough ? 1 : 0;
  };
  let count = 0;
  if (groups <= ALL_FLIPS) {
    for (let ways = 0; ways < 2 ** groups; ways++) count += asLarge((g) => ((ways >> g) & 1) === 1);
    return count / 2 ** groups;
  }
  for (let draw = 0; draw < DRAWS; draw++) count += asLarge((g) => uniform(seed, STREAM + draw, g) < 0.5);
  return (1 + count) / (1 + DRAWS);
}
