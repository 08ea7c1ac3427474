import { expect, test } from 'vitest';
import { ODD_TEXTS } from '../state/testing/texts';
import { piecesOf, spoken } from './token-pieces';

test('spaces, newlines and tabs are pieces of their own, and nothing is lost', () => {
  for (const text of [' the', '\n\n', ' \t x  y', '中文', '', ...ODD_TEXTS.map(([, odd]) => odd)]) {
    expect(
      piecesOf(text)
        .map((p) => p.text)
        .join(''),
    ).toBe(text);
  }
  expect(piecesOf(' the\n').map((p) => p.kind)).toEqual(['space', 'text', 'newline']);
  expect(piecesOf('\t  ').map((p) => p.kind)).toEqual(['tab', 'space', 'space']);
});

test('signs that reorder or hide text are shown, joiners of emoji are not broken', () => {
  expect(piecesOf('a\u202eb').map((p) => p.kind)).toEqual(['text', 'control', 'text']);
  expect(piecesOf('👩‍👩‍👧').length).toBe(1);
});

test('every sign without ink is drawn and has a name with its number', () => {
  const signs: [string, string, string][] = [
    ['\u00a0', 'blank', 'no-break space (U+00A0)'],
    ['\u3000', 'blank', 'ideographic space (U+3000)'],
    ['\u2004', 'blank', 'space (U+2004)'],
    ['\u2028', 'control', 'line separator (U+2028)'],
    ['\r', 'control', 'carriage return (U+000D)'],
    ['\u000b', 'control', 'line tabulation (U+000B)'],
    ['\u000c', 'control', 'form feed (U+000C)'],
    ['\u200d', 'control', 'zero-width joiner (U+200D)'],
    ['\ufe0f', 'control', 'emoji variation selector (U+FE0F)'],
    ['\u0301', 'control', 'combining mark (U+0301)'],
    ['\ufeff', 'control', 'byte order mark (U+FEFF)'],
    ['\u0000', 'control', 'null (U+0000)'],
    ['\u0001', 'control', 'control (U+0001)'],
    ['\ud83d', 'control', 'half a character (U+D83D)'],
    ['\ude00', 'control', 'half a character (U+DE00)'],
    ['\u202e', 'control', 'right-to-left override (U+202E)'],
    ['\u2066', 'control', 'control of direction (U+2066)'],
    ['\u{e0067}', 'control', 'tag (U+E0067)'],
    ['\ufff9', 'control', 'control (U+FFF9)'],
    ['\u3164', 'control', 'filler (U+3164)'],
    ['\u115f', 'control', 'filler (U+115F)'],
    ['\u034f', 'control', 'combining mark (U+034F)'],
    ['\u2800', 'blank', 'space (U+2800)'],
    ['\u{e0100}', 'control', 'variation selector (U+E0100)'],
    ['\ue000', 'control', 'private character (U+E000)'],
    ['\uffff', 'control', 'no character (U+FFFF)'],
    ['\ufffd', 'text', 'replacement character (U+FFFD)'],
  ];
  expect(
    signs.map(([sign]) => [
      sign,
      piecesOf(sign)
        .map(({ kind }) => kind)
        .join(),
      spoken(sign),
    ]),
  ).toEqual(signs);
  expect(spoken(' \u00a0')).toBe('space no-break space (U+00A0)');
  expect(spoken('\u00a0the')).toBe('[U+00A0]the');
  expect(piecesOf('e\u0301 ❤\ufe0f').map(({ kind }) => kind)).toEqual(['text', 'space', 'text']);
});

test('a token of white space has a name', () => {
  expect([' the', '\n\n', ' ', '  ', ''].map(spoken)).toEqual(['the', '↵↵', 'space', 'space space', 'empty']);
});

test.each([
  ['a mark at a token’s start', '\u0301a', '[U+0301]a'],
  ['a mark behind a space', ' \u0301', 'space combining mark (U+0301)'],
  ['a mark behind a letter', 'e\u0301', 'e\u0301'],
  ['a spacing mark, which has ink', '\u093eत', '\u093eत'],
  ['a joiner that a token ends with', '👩\u200d', '👩[U+200D]'],
  ['a joiner that a token begins with', '\u200d👧', '[U+200D]👧'],
  ['an emoji that is joined', '🏳\ufe0f\u200d🌈', '🏳\ufe0f\u200d🌈'],
  ['a keycap', '1\ufe0f\u20e3', '1\ufe0f\u20e3'],
  ['joiners in a row', 'a\u200c\u200d\u200cb', 'a\u200c[U+200D][U+200C]b'],
  ['selectors in a row', '😀\ufe0f\u{e0110}\u{e0111}', '😀\ufe0f[U+E0110][U+E0111]'],
  ['a Windows line end', '\r\n', 'carriage return (U+000D) ↵'],
  ['one behind a word', 'a\r\n', 'a[U+000D]↵'],
  ['a flag of tags', '🏴\u{e0067}\u{e007f}', '🏴[U+E0067][U+E007F]'],
])('%s is drawn and said as it is', (_, text, says) => {
  expect(spoken(text)).toBe(says);
});

test('no sign that a reader cannot see is said bare', () => {
  for (const [name, text] of ODD_TEXTS)
    for (const sign of text)
      if (/[\p{C}\p{Zl}\p{Zp}\u00a0\u3000\u3164\u115f\uffa0\u2800]|\u034f/u.test(sign) && !/[\n\t]/.test(sign))
        expect(spoken(sign), name).toMatch(/\(U\+[0-9A-F]{4,6}\)$/);
});
