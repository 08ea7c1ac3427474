import { uniform } from '../../maths/random';
import { demand, demandCount, demandNumbers } from './checks';
import { CONFIDENCE, type Interval } from './interval';
import { mean, quantile } from './sample';

const TIMES = 4000;

/** Streams of their own, apart from those of sampling, of control directions and of sign flips. */
const STREAM = 0x50000000;

/** How often each of `count` things was drawn in `count` draws with replacement. */
function drawn(count: number, draw: (i: number) => number): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) times[Math.floor(draw(i) * count)]! += 1;
  return times;
}

export interface Effects {
  /** Of the edit, a prompt each: outcome with it less outcome without. */
  edit: readonly number[];
  /** Of each control draw, on the same prompts. */
  draws: readonly (readonly number[])[];
  /** The cluster of each prompt, a number from 0; each its own where not given. */
  clusters?: readonly number[];
}

/**
 * How far the edit's mean effect lies above the mean of the controls', with percentile limits of the pigeonhole
 * bootstrap: prompts (their clusters) and draws are drawn again independently, 4,000 times. Mildly conservative (Owen
 * 2007, Ann. Appl. Stat. 1:386).
 */
export function excess({ edit, draws, clusters }: Effects, seed: number): Interval {
  demandNumbers(edit, 'Effects of the edit');
  demand(draws.length > 0, 'There is no control draw.');
  for (const draw of draws) {
    demandNumbers(draw, 'Effects of a control draw');
    demand(draw.length === edit.length, 'Every control draw needs an effect on each of the edit’s prompts.');
  }
  demandCount(seed, 'A seed');
  const cluster = clusters ?? edit.map((_, i) => i);
  demand(cluster.length === edit.length, 'Every prompt needs its cluster.');
  for (const one of cluster) demandCount(one, 'A cluster');
  const groups = Math.max(...cluster) + 1;
  demand(new Set(cluster).size === groups, 'Clusters must be numbered from 0 without gaps.');

  // Sums by cluster are all that a resample needs.
  const sizes = new Float64Array(groups);
  const above = draws.map(() => new Float64Array(groups));
  edit.forEach((effect, i) => {
    sizes[cluster[i]!]! += 1;
    draws.forEach((draw, k) => {
      above[k]![cluster[i]!]! += effect - draw[i]!;
    });
  });
  const again = Array.from({ length: TIMES }, (_, time) => {
    const prompts = drawn(groups, (i) => uniform(seed, STREAM + time, i));
    const controls = drawn(draws.length, (i) => uniform(seed, STREAM + time, groups + i));
    let [sum, size] = [0, 0];
    for (let g = 0; g < groups; g++) size += prompts[g]! * sizes[g]!;
    for (let k = 0; k < draws.length; k++) {
      if (controls[k] === 0) continue;
      let one = 0;
      for (let g = 0; g < groups; g++) one += prompts[g]! * above[k]![g]!;
      sum += controls[k]! * one;
    }
    return sum / draws.length / size;
  });
  const tail = (1 - CONFIDENCE) / 2;
  return {
    mean: mean(edit) - mean(draws.map(mean)),
    low: quantile(again, tail),
    high: quantile(again, 1 - tail),
  };
}
