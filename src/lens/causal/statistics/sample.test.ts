import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { deviation, mean, quantile } from './sample';

test('mean, deviation with n − 1, quantiles between neighbours', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(deviation([1, 3])).toBe(Math.SQRT2);
  expect([quantile([10, 2, 1], 0.5), quantile([0, 1], 0.25), quantile([7], 0.9)]).toEqual([2, 0.25, 7]);
});

test('a quantile of nothing is refused', () => {
  expect(() => quantile([], 0.5)).toThrow(InvalidOptionError);
  expect(() => quantile([1], 1)).toThrow(InvalidOptionError);
});
