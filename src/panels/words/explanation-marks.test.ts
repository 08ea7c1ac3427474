import { expect, it } from 'vitest';
import { quotesOf } from '../../state/words/quotes';
import { markedLevels, quotesSay } from './explanation-marks';

const TEXT = 'It is prose.\n\nBefore: “ the fire”, then “x”.\n\nNext: “ and”.';

it('cuts sentences at their quotes and loses no character', () => {
  const levels = markedLevels(TEXT, quotesOf(TEXT, 'see the fire and', 12), [2, 1, 3]);
  const claims = levels.flatMap((level) => level.claims);
  expect(claims.map(({ stretches }) => stretches.map(({ text }) => text).join(''))).toEqual(
    claims.map(({ text }) => text),
  );
  expect(claims[1]!.stretches.map(({ text, quote }) => [text, quote?.kind ?? null])).toEqual([
    ['Before: ', null],
    ['“ the fire”', 'verbatim'],
    [', then ', null],
    ['“x”', 'predicted'],
    ['.', null],
  ]);
  expect(claims.map(({ samples }) => samples)).toEqual([2, 1, 3]);
});

it('counts quotes by kind', () => {
  expect(quotesSay(quotesOf(TEXT, 'see the fire and', 12))).toBe('Quotes: 1 in the text, 1 ahead of the token, 1 not.');
  expect(quotesSay([])).toBe(null);
});

it('names levels from the first paragraph on while they are written, and afterwards only where there are three', () => {
  const titles = (text: string, writing: boolean) => markedLevels(text, [], [], writing).map(({ title }) => title);
  expect(titles('It is prose.', true)).toEqual(['Text']);
  expect(titles(TEXT, true)).toEqual(titles(TEXT, false));
  expect(titles('It is prose.', false)).toEqual([null]);
  expect(titles('a.\n\nb.\n\nc.\n\nd.', true)).toEqual([null, null, null, null]);
});
