import { describe, expect, it } from 'vitest';
import { claimsOf, levelsOf, quoteSpans, withoutClaims, withoutEach } from './claims';

const FIRE =
  'English prose told simply. It is inside quoted speech.\n\nThe words just before are “ looked at the fire”.\n\nThe token is “ fire”. Next may come “.”, “ and” or “,”.';
const texts = (text: string) => claimsOf(text).map((claim) => claim.text);

describe('levels and claims', () => {
  it('finds three levels and their sentences; a stop inside of a quote ends none', () => {
    expect(levelsOf(FIRE).map(({ title, claims }) => [title, claims.length])).toEqual([
      ['Text', 2],
      ['Phrase', 1],
      ['Token', 2],
    ]);
    expect(texts(FIRE)).toEqual([
      'English prose told simply.',
      'It is inside quoted speech.',
      'The words just before are “ looked at the fire”.',
      'The token is “ fire”.',
      'Next may come “.”, “ and” or “,”.',
    ]);
  });

  it('gives places that are those of the sentences', () => {
    for (const { text, from, to } of claimsOf(FIRE)) expect(FIRE.slice(from, to)).toBe(text);
  });

  it('names no levels where there are not three paragraphs', () => {
    expect(levelsOf('One. Two.\n\nThree.').map(({ title }) => title)).toEqual([null, null]);
    expect(levelsOf('')).toEqual([]);
    expect(levelsOf(' \n\n \n')).toEqual([]);
  });

  it('keeps a paragraph together over single line breaks, and parts it at blank lines that hold spaces', () => {
    expect(levelsOf('a b\nc.\n \t\nd.').map(({ claims }) => claims.map((c) => c.text))).toEqual([['a b\nc.'], ['d.']]);
  });

  it('knows Chinese stops, decimals, abbreviations, and a text that breaks off', () => {
    expect(texts('这是诗。下一个是“。”！')).toEqual(['这是诗。', '下一个是“。”！']);
    expect(texts('About 3.5 apples, e.g. red ones. Then')).toEqual(['About 3.5 apples, e.g. red ones.', 'Then']);
    expect(texts('What? "No. Yes." she said. End!')).toEqual(['What?', '"No. Yes." she said.', 'End!']);
  });

  it('takes a quote that never closes for none', () => {
    expect(quoteSpans('a “b. C')).toEqual([]);
    expect(texts('It says “b. It ends.\n\nThen ” stands.')).toEqual(['It says “b.', 'It ends.', 'Then ” stands.']);
  });
});

describe('leaving claims out', () => {
  it('takes one sentence out and keeps the form of the rest', () => {
    expect(withoutEach(FIRE)[0]).toBe(FIRE.replace('English prose told simply. ', ''));
    expect(withoutEach(FIRE)[4]).toBe(FIRE.replace(' Next may come “.”, “ and” or “,”.', ''));
  });

  it('takes an empty paragraph out with its blank line', () => {
    expect(withoutEach(FIRE)[2]).toBe(FIRE.replace('The words just before are “ looked at the fire”.\n\n', ''));
  });

  it('leaves a text alone of which nothing is left out, to the last character', () => {
    const odd = ' A.  B.\n\n\nC. ';
    expect(withoutClaims(odd, () => false)).toBe(odd);
    expect(withoutClaims(odd, () => true)).toBe('');
  });

  it('joins Chinese without a space', () => {
    expect(withoutEach('一。二。三。')).toEqual(['二。三。', '一。三。', '一。二。']);
  });
});
