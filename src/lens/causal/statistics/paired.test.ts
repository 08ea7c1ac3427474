import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { mcnemar, newcombe } from './paired';
import { expectClose, opinion } from './testing/second-opinion';

const table = (both: number, gained: number, lost: number, neither: number) => ({ both, gained, lost, neither });

test('the published paired intervals', () => {
  const small = newcombe(table(1, 1, 7, 12));
  expectClose([small.mean, small.low, small.high], [-0.28571, -0.50692, -0.02556], 1e-5);
  const clear = newcombe(table(0, 90, 0, 10));
  expectClose([clear.mean, clear.low, clear.high], [0.9, 0.817, 0.945], 5e-4);
  const none = newcombe(table(36, 12, 2, 0));
  expectClose([none.low, none.high], [0.0569, 0.3404], 5e-5);
});

test('intervals and tests are the second opinion’s on every table', () => {
  for (const one of opinion.tables) {
    const { mean, low, high } = newcombe(table(...one.table));
    expectClose([mean, low, high], one.newcombe, 1e-8);
    const { p, midP } = mcnemar(one.table[1], one.table[2]);
    expectClose([p, midP], [one.p, one.midP]);
  }
});

test('the other way round it is the same interval with the other sign', () => {
  const one = newcombe(table(20, 12, 2, 16));
  const other = newcombe(table(20, 2, 12, 16));
  expectClose([other.low, other.high], [-one.high, -one.low], 1e-12);
});

test('7 turned and 1 turned back', () => {
  const { p, midP } = mcnemar(7, 1);
  expect(p).toBe(9 / 256);
  // Published two-sided: .0703 and .0391.
  expectClose([2 * p, 2 * midP], [0.0703, 0.0391], 5e-5);
});

test('five gained and none lost is the least that reaches .05, and none turned says nothing', () => {
  expect(mcnemar(4, 0).p).toBeGreaterThan(0.05);
  expect(mcnemar(5, 0).p).toBeLessThan(0.05);
  expect(mcnemar(0, 0)).toEqual({ p: 1, midP: 0.5 });
  expect(mcnemar(0, 5).p).toBe(1);
});

test('what are no counts are refused', () => {
  expect(() => newcombe(table(0, 0, 0, 0))).toThrow(InvalidOptionError);
  expect(() => newcombe(table(1, -1, 3, 4))).toThrow(InvalidOptionError);
  expect(() => mcnemar(1.5, 0)).toThrow(InvalidOptionError);
});
