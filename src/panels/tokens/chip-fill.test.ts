import { expect, test } from 'vitest';
import { errorName } from '../../state/reading/error-name';
import { chipFill, chipValue, colourSays, countedOf } from './chip-fill';

const chip = (from: number, to: number) => ({ text: 'x', from, to, special: false });

test('a merged chip shows the largest of its tokens; no number is no value', () => {
  expect(chipValue(chip(1, 3), [9, 1, 5, 2])).toBe(5);
  expect(chipValue(chip(0, 1), [Number.NaN, 2])).toBe(2);
  expect(chipValue(chip(0, 0), [Number.NaN])).toBeNaN();
});

const text = (count: number, template: readonly number[] = []) => ({
  count,
  chips: Array.from({ length: count }, (_, t) => ({
    ...chip(t, t),
    ...(template.length && {
      span: {
        role: 'user' as const,
        turn: 0,
        section: template.includes(t) ? ('template' as const) : ('content' as const),
      },
    }),
  })),
});
const NONE = new Set<number>();
const off = { first: false, template: false, locked: null as number | null };

test('sinks, position 0 among them, are counted when asked for, and when one of them is locked', () => {
  const first = (view: Partial<typeof off>) => countedOf({ ...off, ...view }, text(5), new Set([0, 2])).first;
  expect([first({}), first({ locked: 3 })]).toEqual([false, false]);
  expect([first({ first: true, locked: 3 }), first({ locked: 0 }), first({ locked: 2 })]).toEqual([true, true, true]);
});

test('the template’s tokens are counted when asked for, and when one of them is locked', () => {
  const template = (view: Partial<typeof off>) => countedOf({ ...off, ...view }, text(5, [0, 4]), NONE).template;
  expect([template({}), template({ locked: 2 })]).toEqual([false, false]);
  expect([template({ template: true }), template({ locked: 4 })]).toEqual([true, true]);
});

test('what takes no part carries no colour', () => {
  const scale = { values: [8, 8, 8], end: 8 };
  const counted = { first: false, template: false, sinks: new Set([0]) };
  const { chips } = text(3, [0, 2]);
  expect(chipFill(chip(0, 0), scale, counted)).toBe(0);
  expect(chipFill(chip(0, 0), scale, { ...counted, first: true })).toBeCloseTo(1, 6);
  expect(chipFill(chips[1]!, scale, counted)).toBeCloseTo(1, 6);
  expect(chipFill(chips[1]!, scale, { ...counted, sinks: new Set([0, 1]) })).toBe(0);
  expect(chipFill(chips[2]!, scale, counted)).toBe(0);
  expect(chipFill(chips[2]!, scale, { ...counted, template: true })).toBeCloseTo(1, 6);
});

test('the error is called what its centre makes it', () => {
  const said = (center: 'mean' | 'b_dec') => colourSays('fvu', null, errorName({ center }).short, 0.5);
  expect([said('mean'), said('b_dec')]).toEqual([
    expect.stringMatching(/^FVU /),
    expect.stringMatching(/^error\/b_dec /),
  ]);
});
