import { expect, it } from 'vitest';
import { quotesOf } from './quotes';

const TEXT = 'She looked at the fire and the fire looked back.';
const SEEN = TEXT.indexOf(' and');
const kinds = (said: string, text = TEXT, seen: number | null = SEEN) =>
  quotesOf(said, text, seen).map(({ kind, at }) => [kind, at && text.slice(...at)]);

it('tells what the model had read from what it foresaw and from what is not there', () => {
  expect(kinds('Before: “ looked at the fire”. Next: “ and”, “ or”.')).toEqual([
    ['verbatim', ' looked at the fire'],
    ['ahead', ' and'],
    ['predicted', null],
  ]);
});

it('gives the last place before the token, and the first behind it', () => {
  const [before] = quotesOf('“ the”', TEXT, TEXT.length);
  expect(before!.at![0]).toBe(TEXT.lastIndexOf(' the'));
  const [ahead] = quotesOf('“fire”', TEXT, 5);
  expect(ahead).toMatchObject({ kind: 'ahead', at: [TEXT.indexOf('fire'), TEXT.indexOf('fire') + 4] });
});

it('finds whole words only, but any Han', () => {
  expect(kinds('“ and”, “and”', 'The android', null)).toEqual([
    ['predicted', null],
    ['predicted', null],
  ]);
  expect(kinds('“河”', '老人看着河说', null)).toEqual([['verbatim', '河']]);
});

it('reads a drawn line break as one, and forgives the space and the dots at the ends', () => {
  expect(kinds('“ one ↵two”', 'one\ntwo', null)).toEqual([['verbatim', 'one\ntwo']]);
  expect(kinds('"...looked at the…"')).toEqual([['verbatim', 'looked at the']]);
});

it('looks for a sign as it stands', () => {
  expect(kinds('“.”, “,”', 'a.', null)).toEqual([
    ['verbatim', '.'],
    ['predicted', null],
  ]);
  expect(kinds('“” and “ ”', 'ab', null)).toEqual([
    ['predicted', null],
    ['predicted', null],
  ]);
});

it('gives the place in the explanation without the marks', () => {
  const said = 'It is “ fire”.';
  const [quote] = quotesOf(said, TEXT, SEEN);
  expect(said.slice(quote!.from, quote!.to)).toBe(' fire');
});

it('a quote is found however letters and their marks were typed, and stands where they were', () => {
  const [apart, one] = ['in a cafe\u0301 there', 'in a café there'];
  for (const said of ['café', 'cafe\u0301']) {
    expect(quotesOf(`Says “${said}” here.`, apart, 10)[0]).toMatchObject({ kind: 'verbatim', at: [5, 10] });
    expect(quotesOf(`Says “${said}” here.`, apart, 9)[0]).toMatchObject({ kind: 'ahead', at: [5, 10] });
    expect(quotesOf(`Says “${said}” here.`, one, null)[0]).toMatchObject({ at: [5, 9] });
  }
  // A letter with its mark is another letter.
  expect(quotesOf('Says “cafe” here.', apart, null)[0]).toMatchObject({ kind: 'predicted', at: null });
});
