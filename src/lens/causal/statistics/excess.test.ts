import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { excess } from './excess';
import { opinion } from './testing/second-opinion';

test('limits lie near those of 100,000 resamples by another generator', () => {
  for (const { edit, draws, excess: theirs } of opinion.excess) {
    const { mean, low, high } = excess({ edit, draws }, 1);
    expect(mean).toBeCloseTo(theirs[0], 12);
    expect(Math.abs(low - theirs[1])).toBeLessThan(0.03 * (theirs[2] - theirs[1]));
    expect(Math.abs(high - theirs[2])).toBeLessThan(0.03 * (theirs[2] - theirs[1]));
  }
});

const edit = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 1 : 0));
const draws = Array.from({ length: 19 }, (_, k) => edit.map((_, i) => ((i * 7 + k * 5) % 11 === 0 ? 1 : 0)));

test('a seed gives the same limits, another one others', () => {
  expect(excess({ edit, draws }, 3)).toEqual(excess({ edit, draws }, 3));
  expect(excess({ edit, draws }, 3)).not.toEqual(excess({ edit, draws }, 4));
});

test('draws that differ widen it: they are drawn again too', () => {
  const width = (one: number[][]): number => {
    const { low, high } = excess({ edit: edit.map(() => 0.5), draws: one }, 1);
    return high - low;
  };
  expect(width(draws.map((_, k) => edit.map(() => (k % 2 ? 0.5 : -0.5))))).toBeGreaterThan(0.3);
  expect(width(draws.map(() => edit.map(() => 0.2)))).toBeCloseTo(0, 12);
});

test('prompts of a group are drawn together', () => {
  const twins = edit.flatMap((effect) => [effect, effect]);
  const both = draws.map((draw) => draw.flatMap((effect) => [effect, effect]));
  const clusters = twins.map((_, i) => Math.floor(i / 2));
  expect(excess({ edit: twins, draws: both, clusters }, 1).low).toBeCloseTo(excess({ edit, draws }, 1).low, 12);
  const apart = excess({ edit: twins, draws: both }, 1);
  const whole = excess({ edit, draws }, 1);
  expect(apart.high - apart.low).toBeLessThan(0.85 * (whole.high - whole.low));
});

test('effects that do not fit each other are refused', () => {
  expect(() => excess({ edit: [1, 0], draws: [[1]] }, 1)).toThrow(InvalidOptionError);
  expect(() => excess({ edit: [1, 0], draws: [] }, 1)).toThrow(InvalidOptionError);
  expect(() => excess({ edit: [1, 0], draws: [[1, 0]], clusters: [0, 2] }, 1)).toThrow(InvalidOptionError);
  expect(() => excess({ edit: [1, 0], draws: [[1, 0]], clusters: [0] }, 1)).toThrow(InvalidOptionError);
});
