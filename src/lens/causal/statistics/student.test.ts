import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { studentCdf, studentQuantile } from './student';
import { expectClose, opinion } from './testing/second-opinion';

test('quantiles are SciPy’s for odd and even degrees', () => {
  for (const { p, degrees, t } of opinion.student) expectClose([studentQuantile(p, degrees)], [t]);
});

test('it is symmetric, and 1 degree is Cauchy’s law', () => {
  expect(studentQuantile(0.1, 7)).toBe(-studentQuantile(0.9, 7));
  expectClose([studentCdf(1, 1), studentCdf(-1, 1), studentCdf(0, 4)], [0.75, 0.25, 0.5], 1e-15);
});

test('degrees that are no whole number are refused', () => {
  expect(() => studentCdf(1, 2.5)).toThrow(InvalidOptionError);
  expect(() => studentQuantile(1, 4)).toThrow(InvalidOptionError);
});
