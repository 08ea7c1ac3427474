import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { atLevel, drawsNeeded, holm, intersectionUnion } from './several';
import { expectClose, opinion } from './testing/second-opinion';

test('a claim is as weak as its weakest null', () => {
  expect(intersectionUnion([0.01, 0.2, 0.05])).toBe(0.2);
});

test('adjusted p-values are the second opinion’s, in the order given', () => {
  for (const one of opinion.several) {
    expectClose(holm(one.ps), one.holm, 1e-14);
    expect(intersectionUnion(one.ps)).toBe(one.largest);
  }
  expectClose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06], 1e-14);
});

test('the fewest draws for 1, 2, 5 and 10 claims, and for the best of 20', () => {
  expect([1, 2, 5, 10, 20].map((factor) => drawsNeeded(factor, 0.05))).toEqual([19, 39, 99, 199, 399]);
});

test('one draw fewer cannot reach the level, and that many can', () => {
  for (let factor = 1; factor <= 200; factor++)
    for (const alpha of [0.05, 0.01, 0.1]) {
      const draws = drawsNeeded(factor, alpha);
      expect([atLevel(factor / (draws + 1), alpha), atLevel(factor / draws, alpha)]).toEqual([true, false]);
    }
});

test('a level is reached when it is equalled but for the last bits', () => {
  expect([atLevel(3 * (1 / 60), 0.05), atLevel(0.1 + 0.2, 0.3), atLevel(0.0501, 0.05)]).toEqual([true, true, false]);
});

test('what are no p-values are refused', () => {
  for (const ps of [[], [1.1], [Number.NaN], [-0.1]]) {
    expect(() => holm(ps)).toThrow(InvalidOptionError);
    expect(() => intersectionUnion(ps)).toThrow(InvalidOptionError);
  }
  expect(() => drawsNeeded(0, 0.05)).toThrow(InvalidOptionError);
});
