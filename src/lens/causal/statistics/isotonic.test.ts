import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { doseResponse, halfDose, isotonic } from './isotonic';
import { expectClose, opinion } from './testing/second-opinion';

test('fits are SciPy’s', () => {
  for (const { values, fitted } of opinion.increasing) expectClose(isotonic(values), fitted, 1e-12);
});

test('past its largest value a curve is not fitted', () => {
  expect(doseResponse([0, 1, 2, 3], [0, 0.4, 0.8, 0.1])).toEqual({ fitted: [0, 0.4, 0.8], half: 1 });
});

test('half effect lies between doses, and nowhere on a curve that falls', () => {
  expect(doseResponse([0, 1, 3], [0.2, 0.3, 0.8]).half).toBeCloseTo(1 + (0.2 / 0.5) * 2, 12);
  expect(doseResponse([0, 1, 2], [0.5, 0.5, 0.1])).toEqual({ fitted: [0.5], half: null });
});

test('limits of the half dose hold it, are equal for a seed, and are no dose where nothing increases', () => {
  // Prompts turn at doses of their own: a quarter at each.
  const outcomes = Array.from({ length: 40 }, (_, i) => [0, 1, 2, 3, 4].map((j) => (j > i % 4 ? 1 : 0)));
  const one = halfDose([0, 1, 2, 3, 4], outcomes, 5);
  expect(one.half).toBe(2);
  expect(one.low).toBeGreaterThan(1);
  expect(one.low).toBeLessThan(2);
  expect(one.high).toBeGreaterThan(2);
  expect(one.high).toBeLessThan(3);
  expect(halfDose([0, 1, 2, 3, 4], outcomes, 5)).toEqual(one);
  expect(halfDose([0, 1], [[0, 0]], 5)).toEqual({ half: null, low: null, high: null });
});

test('a few resamples without an increase leave the upper limit open', () => {
  // One prompt of three turns: (2/3)³ of the resamples leave it out.
  const { half, low, high } = halfDose(
    [0, 1],
    [
      [0, 1],
      [0, 0],
      [0, 0],
    ],
    5,
  );
  expect({ half, low, high }).toEqual({ half: 0.5, low: 0.5, high: null });
});

test('doses that do not increase are refused', () => {
  expect(() => doseResponse([0, 2, 1], [0, 0, 0])).toThrow(InvalidOptionError);
  expect(() => doseResponse([0], [0])).toThrow(InvalidOptionError);
  expect(() => doseResponse([0, 1], [0])).toThrow(InvalidOptionError);
  expect(() => halfDose([0, 1], [[0]], 1)).toThrow(InvalidOptionError);
});
