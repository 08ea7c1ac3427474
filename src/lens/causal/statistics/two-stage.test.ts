import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { afterBoth, afterFirst, levelOf, STANDARD } from './two-stage';

test('the levels of the two designs, and of one stage alone', () => {
  expect(levelOf(STANDARD)).toBeCloseTo(0.0431, 4);
  expect(levelOf({ first: 39, second: 160, forgiven: 8 })).toBeCloseTo(0.0482, 4);
  expect(levelOf({ first: 19, second: 0, forgiven: 0 })).toBe(1 / 20);
});

test('the level is the share of all orders in which an innocent edit stands', () => {
  const plan = { first: 3, second: 4, forgiven: 1 };
  // Every set of the 7 draws may be the one that reaches: each size as likely, and each set of a size.
  const bits = (set: number): number => set.toString(2).replaceAll('0', '').length;
  const sets = Array.from({ length: 2 ** 7 }, (_, set) => set);
  const ofSize = (size: number): number => sets.filter((set) => bits(set) === size).length;
  let level = 0;
  for (const set of sets)
    if (afterFirst(bits(set & 0b111), plan) ?? afterBoth(bits(set), plan)) level += 1 / 8 / ofSize(bits(set));
  expect(level).toBeCloseTo(levelOf(plan), 12);
});

test('the first stage says yes, no, or draw more', () => {
  expect([0, 1, 3, 4].map((reached) => afterFirst(reached, STANDARD))).toEqual([true, null, null, false]);
  expect([3, 4].map((reached) => afterBoth(reached, STANDARD))).toEqual([true, false]);
});

test('a plan that cannot be is refused', () => {
  expect(() => levelOf({ first: 0, second: 10, forgiven: 0 })).toThrow(InvalidOptionError);
  expect(() => levelOf({ first: 10, second: 3, forgiven: 4 })).toThrow(InvalidOptionError);
});
