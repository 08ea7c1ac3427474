import { expect, test } from 'vitest';
import { InvalidOptionError } from '../api/errors';
import { planParts } from './split';

test('no sites: one part that embeds', () => {
  expect(planParts(6, [])).toEqual([{ from: 0, to: 5, embed: true }]);
});

test('a cut behind each site, in order and once, whatever the order asked', () => {
  const parts = [
    { from: 0, to: 3, embed: true },
    { from: 4, to: 4, embed: false },
    { from: 5, to: 5, embed: false },
  ];
  expect(planParts(6, [3, 4])).toEqual(parts);
  expect(planParts(6, [4, 3, 4])).toEqual(parts);
});

test('a site behind the last block needs no part after it, and one behind the first leaves it alone', () => {
  expect(planParts(6, [5])).toEqual([{ from: 0, to: 5, embed: true }]);
  expect(planParts(3, [0, 2])).toEqual([
    { from: 0, to: 0, embed: true },
    { from: 1, to: 2, embed: false },
  ]);
  expect(planParts(1, [0])).toEqual([{ from: 0, to: 0, embed: true }]);
});

test.each([-1, 6, 1.5, Number.NaN])('site %s is refused', (site) => {
  expect(() => planParts(6, [site])).toThrow(InvalidOptionError);
});
