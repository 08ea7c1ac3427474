import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { overDoses } from './doses';
import { rank } from './rank';
import { expectClose, opinion } from './testing/second-opinion';

test('adjusted p-values are the second opinion’s', () => {
  for (const { edit, draws, adjusted } of opinion.doses) expectClose(overDoses(edit, draws), adjusted, 1e-14);
});

test('one dose is the rank test itself', () => {
  expect(overDoses([0.3], [[0.1], [0.4], [0.3]])).toEqual([rank(0.3, [0.1, 0.4, 0.3]).p]);
});

test('many doses cost: the best of them is worth less than alone', () => {
  const draws = Array.from({ length: 19 }, (_, k) => [k === 0 ? 9 : 0, k === 1 ? 9 : 0, k === 2 ? 9 : 0]);
  const [first] = overDoses([5, 5, 10], draws);
  expect(first).toBeGreaterThan(
    rank(
      5,
      draws.map((draw) => draw[0]!),
    ).p,
  );
  expect(overDoses([5, 5, 10], draws)[2]).toBe(3 / 20);
});

test('draws at other doses are refused', () => {
  expect(() => overDoses([1, 2], [[1]])).toThrow(InvalidOptionError);
  expect(() => overDoses([1, 2], [])).toThrow(InvalidOptionError);
  expect(() => overDoses([], [[]])).toThrow(InvalidOptionError);
});
