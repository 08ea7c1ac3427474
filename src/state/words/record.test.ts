import { expect, it } from 'vitest';
import type { Token } from '../../lens/api/text';
import type { Score } from '../../lens/api/verbalizer';
import { readingOf } from '../reading/trace';
import { bestSample, MOST_TEXT, tokenTarget } from './record';

const tokens = (...parts: string[]): Token[] =>
  parts.map((text, position) => ({ id: position, text, position, special: false }));
const reading = (...parts: string[]) =>
  readingOf(parts.join(''), tokens(...parts), {}, new Float32Array(parts.length), []);
const score = (cosine: number): Score => ({ cosine, error: 2 - 2 * cosine, relative: null, fve: null });

it('shows the best sample first, the first of equals, and the first where none is scored', () => {
  expect(bestSample([{ score: score(0.2) }, { score: score(0.7) }, { score: score(0.7) }])).toBe(1);
  expect(bestSample([{ score: null }, { score: score(-0.5) }])).toBe(1);
  expect(bestSample([{ score: null }, { score: null }])).toBe(0);
});

it('says where the token stands in its text', () => {
  const target = tokenTarget(reading('one', ' two', ' two'), 3, 2, 7);
  expect(target).toMatchObject({ position: 2, tokenId: 7, token: ' two', whole: true, text: 'one two two' });
  expect(target.text!.slice(...target.span!)).toBe(' two');
  expect(target.span).toEqual([7, 11]);
});

it('knows no place where the tokens do not spell the text', () => {
  const read = { ...reading('one', ' two'), text: 'one TWO' };
  expect(tokenTarget(read, 3, 1, null)).toMatchObject({ token: ' two', span: null, text: 'one TWO' });
});

it('knows the place in the text as it was typed: letters and marks apart, a first token in front', () => {
  const read = { ...reading('<bos>', 'é', ' two'), text: 'e\u0301 two' };
  read.chips[0]!.special = true;
  expect(tokenTarget(read, 3, 2, null).span).toEqual([2, 6]);
  expect(tokenTarget(read, 3, 1, null).span).toEqual([0, 2]);
  expect(tokenTarget(read, 3, 0, null)).toMatchObject({ token: '<bos>', span: null, text: 'e\u0301 two' });
});

it('keeps a part around the token of a text that is too long', () => {
  const target = tokenTarget(reading('a'.repeat(MOST_TEXT), ' here', 'b'.repeat(MOST_TEXT)), 3, 1, 1);
  expect(target.whole).toBe(false);
  expect(target.text).toHaveLength(MOST_TEXT);
  expect(target.text!.slice(...target.span!)).toBe(' here');
});
