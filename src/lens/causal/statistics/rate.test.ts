import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { clopperPearson, wilson } from './rate';
import { expectClose, limits, opinion } from './testing/second-opinion';

test('the published intervals of 7 of 50', () => {
  expectClose(limits(wilson(7 / 50, 50)), [0.06951, 0.26186], 1e-5);
  expectClose(limits(clopperPearson(7, 50)), [0.058192, 0.267396], 1e-6);
});

test('both are SciPy’s at every count, also at none and all', () => {
  for (const { hits, n, level, wilson: score, exact } of opinion.rates) {
    expectClose(limits(wilson(hits / n, n, level)), score);
    expectClose(limits(clopperPearson(hits, n, level)), exact);
  }
});

test('none and all have a limit of exactly 0 and 1', () => {
  expect([wilson(0, 20).low, wilson(1, 20).high, clopperPearson(0, 20).low, clopperPearson(20, 20).high]).toEqual([
    0, 1, 0, 1,
  ]);
});

test('an effective number of tries need not be whole', () => {
  expect(wilson(0.3, 33.3).high).toBeGreaterThan(wilson(0.3, 34).high);
});

test('what is no rate is refused', () => {
  for (const [rate, n] of [
    [1.1, 10],
    [-0.1, 10],
    [Number.NaN, 10],
    [0.5, 0],
    [0.5, Number.POSITIVE_INFINITY],
  ] as const)
    expect(() => wilson(rate, n)).toThrow(InvalidOptionError);
  expect(() => wilson(0.5, 10, 1)).toThrow(InvalidOptionError);
  expect(() => clopperPearson(6, 5)).toThrow(InvalidOptionError);
  expect(() => clopperPearson(0, 0)).toThrow(InvalidOptionError);
});
