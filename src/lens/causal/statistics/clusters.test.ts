import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { clusteredRate, clusterMeans, effectiveSize, intraclass } from './clusters';
import { twoSidedZ } from './normal';
import { wilson } from './rate';
import { studentQuantile } from './student';
import { expectClose, opinion } from './testing/second-opinion';

test('correlation and effective size are the second opinion’s', () => {
  for (const { rows, rho, size } of opinion.clusters)
    expectClose([intraclass(rows), effectiveSize(rows)], [rho, size], 1e-12);
});

test('one outcome a cluster is Wilson’s interval itself', () => {
  const rows = [[1], [0], [0], [1], [0]];
  expect(effectiveSize(rows)).toBe(5);
  expect(clusteredRate(rows)).toEqual(wilson(0.4, 5));
});

test('seeds that always agree add nothing, seeds that never do add all', () => {
  const agree = [
    [1, 1, 1],
    [0, 0, 0],
    [1, 1, 1],
    [0, 0, 0],
  ];
  expect([intraclass(agree), effectiveSize(agree)]).toEqual([1, 4]);
  const differ = [
    [1, 0],
    [0, 1],
    [1, 0],
  ];
  expect([intraclass(differ), effectiveSize(differ)]).toEqual([0, 6]);
});

test('where no outcome differs the prompts alone count', () => {
  expect(effectiveSize(new Array(20).fill([0, 0, 0]))).toBe(20);
});

test('few hits tell nothing of the correlation: the prompts alone count', () => {
  // Four hits of 60, each in another prompt, and five.
  const rows = (hits: number): number[][] => Array.from({ length: 20 }, (_, i) => [i < hits ? 1 : 0, 0, 0]);
  const [four, five] = [clusteredRate(rows(4)), clusteredRate(rows(5))];
  expect(four.high - four.low).toBeGreaterThan(five.high - five.low);
  const t = studentQuantile(0.975, 19) / twoSidedZ(0.95);
  expectClose([four.low, five.low], [wilson(4 / 60, 20 / t ** 2).low, wilson(5 / 60, 60 / t ** 2).low], 1e-12);
});

test('clusters of unequal size: a large one counts for less', () => {
  expect(effectiveSize([[1, 1, 1, 1], [0], [0], [1]])).toBeCloseTo(7 / (1 + (19 / 7 - 1) * 1), 12);
  expect(clusterMeans([[1, 0], [1]])).toEqual([0.5, 1]);
  expect(clusteredRate([[1, 0], [1]]).mean).toBe(2 / 3);
});

test('no cluster, and an empty one, are refused', () => {
  expect(() => effectiveSize([])).toThrow(InvalidOptionError);
  expect(() => effectiveSize([[1], []])).toThrow(InvalidOptionError);
  expect(() => clusteredRate([[1, 0]])).toThrow(InvalidOptionError);
  expect(() => clusteredRate([[2], [3]])).toThrow(InvalidOptionError);
});
