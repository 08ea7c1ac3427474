import { uniform } from '../../maths/random';
import { demand, demandCount, demandNumbers } from './checks';
import { CONFIDENCE } from './interval';
import { mean } from './sample';

const TIMES = 4000;
/** Streams of their own, apart from those of other resampling. */
const STREAM = 0x70000000;

/** The non-decreasing values nearest to these in squares, by pooling adjacent violators (Barlow et al. 1972, Statistical
 *  Inference under Order Restrictions, 1.2). */
export function isotonic(values: readonly number[]): number[] {
  demandNumbers(values, 'Values');
  const blocks: { sum: number; size: number }[] = [];
  for (const value of values) {
    let block = { sum: value, size: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.size > block.sum / block.size; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, size: last.size + block.size };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, size }) => new Array<number>(size).fill(sum / size));
}

function demandDoses(doses: readonly number[]): void {
  demandNumbers(doses, 'Doses', 2);
  demand(
    doses.every((dose, j) => j === 0 || dose > doses[j - 1]!),
    'Doses must increase.',
  );
}

export interface DoseResponse {
  /** At the first doses, up to that of the largest value: past it text breaks, and nothing is fitted. */
  fitted: number[];
  /** Where half of the way from the first to the largest fitted value is gone, linear between doses; null where nothing
   *  increases. */
  half: number | null;
}

/** The increasing branch of a dose–response curve. */
export function doseResponse(doses: readonly number[], values: readonly number[]): DoseResponse {
  demandDoses(doses);
  demand(values.length === doses.length, 'Every dose needs its value.');
  demandNumbers(values, 'Values');
  const fitted = isotonic(values.slice(0, values.indexOf(Math.max(...values)) + 1));
  const [first, last] = [fitted[0]!, fitted.at(-1)!];
  if (last <= first) return { fitted, half: null };
  const middle = first + (last - first) / 2;
  const j = fitted.findIndex((value) => value >= middle);
  const share = (middle - fitted[j - 1]!) / (fitted[j]! - fitted[j - 1]!);
  return { fitted, half: doses[j - 1]! + share * (doses[j]! - doses[j - 1]!) };
}

export interface HalfDose {
  half: number | null;
  /** Percentile limits; null where no dose is the limit, since that many resamples do not increase. */
  low: number | null;
  high: number | null;
}

/** The dose of half effect with limits by bootstrap over prompts, 4,000 times. `outcomes` [prompts][doses]. A resample
 *  that does not increase reaches half at no dose, beyond all others. */
export function halfDose(doses: readonly number[], outcomes: readonly (readonly number[])[], seed: number): HalfDose {
  demand(outcomes.length > 0, 'There is no prompt.');
  demandCount(seed, 'A seed');
  for (const one of outcomes) demand(one.length === doses.length, 'Every prompt needs an outcome at each dose.');
  const means = doses.map((_, j) => mean(outcomes.map((one) => one[j]!)));
  const again = Float64Array.from({ length: TIMES }, (_, time) => {
    const sums = new Array<number>(doses.length).fill(0);
    for (let i = 0; i < outcomes.length; i++) {
      const one = outcomes[Math.floor(uniform(seed, STREAM + time, i) * outcomes.length)]!;
      for (let j = 0; j < sums.length; j++) sums[j]! += one[j]!;
    }
    return doseResponse(doses, sums).half ?? Number.POSITIVE_INFINITY;
  }).sort();
  const limit = (at: number): number | null => (Number.isFinite(again[at]!) ? again[at]! : null);
  const outside = Math.floor(((1 - CONFIDENCE) / 2) * TIMES);
  return { half: doseResponse(doses, means).half, low: limit(outside), high: limit(TIMES - 1 - outside) };
}
