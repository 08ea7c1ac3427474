import { expect, test } from 'vitest';
import { piecesOf, spoken } from './token-pieces';

test('spaces, newlines and tabs are pieces of their own, and nothing is lost', () => {
  for (const text of [' the', '\n\n', '\r\n', ' \t x  y', '中文', '👩‍👩‍👧 ok', 'a\u0000b\u202eb', '\uFFFD', '']) {
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
    ['\u0000', 'control', 'control (U+0000)'],
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
