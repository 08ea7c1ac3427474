import { expect, test } from 'vitest';
import { errorName } from '../../state/reading/error-name';
import { chipFill, chipValue, colourSays, countsFirst } from './chip-fill';

const chip = (from: number, to: number) => ({ text: 'x', from, to, special: false });

test('a merged chip shows the largest of its tokens; no number is no value', () => {
  expect(chipValue(chip(1, 3), [9, 1, 5, 2])).toBe(5);
  expect(chipValue(chip(0, 1), [Number.NaN, 2])).toBe(2);
  expect(chipValue(chip(0, 0), [Number.NaN])).toBeNaN();
});

test('position 0 is counted when asked for, when it is locked, and when there is no other', () => {
  const off = { first: false, locked: null };
  expect(countsFirst(off, 5)).toBe(false);
  expect(countsFirst({ first: false, locked: 3 }, 5)).toBe(false);
  expect([
    countsFirst({ first: true, locked: 3 }, 5),
    countsFirst({ first: false, locked: 0 }, 5),
    countsFirst(off, 1),
  ]).toEqual([true, true, true]);
});

test('position 0 carries no colour unless it takes part', () => {
  const scale = { values: [8, 8], end: 8 };
  expect(chipFill(chip(0, 0), scale, false)).toBe(0);
  expect(chipFill(chip(0, 0), scale, true)).toBeCloseTo(1, 6);
  expect(chipFill(chip(1, 1), scale, false)).toBeCloseTo(1, 6);
});

test('the error is called what its centre makes it', () => {
  const said = (center: 'mean' | 'b_dec') => colourSays('fvu', null, errorName({ center }).short, 0.5);
  expect([said('mean'), said('b_dec')]).toEqual([
    expect.stringMatching(/^FVU /),
    expect.stringMatching(/^error\/b_dec /),
  ]);
});
