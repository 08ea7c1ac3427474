import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { normalCdf, normalQuantile, twoSidedZ } from './normal';
import { expectClose, opinion } from './testing/second-opinion';

test('quantiles are SciPy’s, and the distribution function leads back', () => {
  for (const { p, z } of opinion.normal) {
    expectClose([normalQuantile(p)], [z], p < 1e-3 || p > 1 - 1e-3 ? 1e-7 : 1e-12);
    expectClose([normalCdf(normalQuantile(p))], [p], 1e-14);
  }
});

test('far out there is nothing left, and the usual z is 1.96', () => {
  expect([normalCdf(-40), normalCdf(0), normalCdf(40)]).toEqual([0, 0.5, 1]);
  expect(twoSidedZ(0.95)).toBeCloseTo(1.959963985, 9);
});

test('levels of no quantile are refused', () => {
  for (const p of [0, 1, -1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(InvalidOptionError);
});
