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

test('a token of white space has a name', () => {
  expect([spoken(' the'), spoken('\n'), spoken(' '), spoken('')]).toEqual(['the', '↵', 'space', 'empty']);
});
