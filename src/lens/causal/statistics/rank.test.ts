import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { rank } from './rank';
import { expectClose, opinion } from './testing/second-opinion';

test('the edit is one of the draws, so that p is never 0', () => {
  expect(rank(1, new Array(19).fill(0))).toEqual({ p: 1 / 20, reached: 0, draws: 19 });
});

test('a tie counts against the edit, also one that differs in its last bits', () => {
  expect(rank(0.3, [0.3, 0, 0])).toEqual({ p: 0.5, reached: 1, draws: 3 });
  expect(rank(0.1 + 0.2, [0.3, 0, 0]).reached).toBe(1);
  expect(rank(0.3, [0.3 - 1e-9, 0, 0]).reached).toBe(0);
});

test('places are SciPy’s', () => {
  for (const { edit, draws, p } of opinion.ranks) expectClose([rank(edit, draws).p], [p], 1e-14);
});

test('no draw and no number are refused', () => {
  expect(() => rank(1, [])).toThrow(InvalidOptionError);
  expect(() => rank(1, [0, Number.NaN])).toThrow(InvalidOptionError);
  expect(() => rank(Number.POSITIVE_INFINITY, [0])).toThrow(InvalidOptionError);
});
