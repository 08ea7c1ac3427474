import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { Tokenizer } from '../../lens/engine/tokenizer';
import { ODD_TEXTS } from '../testing/texts';
import { chipsOf } from './chips';
import { normalOf, placesOf } from './places';

let tokenizer: Tokenizer;
beforeAll(() => {
  const [json, config] = ['tokenizer.json', 'tokenizer_config.json'].map(
    (file) => JSON.parse(readFileSync(`public/models/lenslet-mini/${file}`, 'utf8')) as unknown,
  );
  tokenizer = new Tokenizer(json, config);
});

const chipsIn = (text: string) => chipsOf(tokenizer.tokens(tokenizer.encode(text)));

test.each(ODD_TEXTS)('every chip of %s has its place in the text as it was typed', (_, text) => {
  const chips = chipsIn(text);
  const places = placesOf(text, chips);
  let end = 0;
  for (const [i, place] of places.entries()) {
    expect(place, `${i}`).not.toBeNull();
    const [from, to] = place!;
    // One behind the other, without a gap; signs that became one are in each of their chips.
    expect(from).toBeLessThanOrEqual(end);
    expect(to).toBeGreaterThanOrEqual(end);
    expect(normalOf(text.slice(from, to)).text).toContain(chips[i]!.text);
    end = to;
  }
  expect(end).toBe(text.length);
});

test('a place in normal form leads to what was typed', () => {
  const { text, typed } = normalOf('une cafe\u0301 \ud83d là');
  expect(text).toBe('une café \ufffd là');
  expect(typed([4, 8])).toEqual([4, 9]);
  expect(typed([7, 8])).toEqual([7, 9]);
  expect(typed([8, 9])).toEqual([9, 10]);
  expect(typed([11, 13])).toEqual([12, 14]);
  const plain = normalOf('as it is');
  expect([plain.text, plain.typed([1, 2])]).toEqual(['as it is', [1, 2]]);
});

test('what a tokenizer put before a text stands nowhere in it', () => {
  const [one, two] = ['e', '\u0301'].map((text) => ({ text, from: 0, to: 0, special: false }));
  const first = { text: '<bos>', from: 0, to: 0, special: true };
  const chips = [first, { ...one!, text: 'é' }];
  expect(placesOf('e\u0301', chips)).toEqual([null, [0, 2]]);
  // A text may spell it itself.
  expect(placesOf('<bos>é', chips)).toEqual([
    [0, 5],
    [5, 6],
  ]);
  // Chips that are no such text: what differs has no place.
  expect(
    placesOf('ab', [
      { ...two!, text: 'a' },
      { ...two!, text: 'c' },
    ]),
  ).toEqual([[0, 1], null]);
});
