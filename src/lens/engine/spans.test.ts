import { expect, test } from 'vitest';
import type { ChatSpan } from '../api/chat';
import { spansOf } from './spans';

const header: ChatSpan = { role: 'user', turn: 0, section: 'template' };
const content: ChatSpan = { ...header, section: 'content' };
const footer: ChatSpan = { ...header, section: 'template' };

/** The pieces' spans by the tokens, which are given as their texts. */
function spans(pieces: [string, ChatSpan][], tokens: string[]): ChatSpan[] {
  const bytes = tokens.map((token) => new TextEncoder().encode(token));
  return spansOf(
    pieces.map(([text, span]) => ({ text, span })),
    tokens.map((_, id) => id),
    { tokenBytes: (id) => bytes[id]! },
  );
}

test('a token has the span of the piece in which it begins', () => {
  expect(
    spans(
      [
        ['ab', header],
        ['cd', content],
        ['e', footer],
      ],
      ['a', 'b', '', 'cd', 'e'],
    ),
  ).toEqual([header, header, content, content, footer]);
});

test('a token over a border is said, wherever it begins', () => {
  expect(
    spans(
      [
        ['ab', header],
        ['cd', content],
        ['ef', footer],
      ],
      ['a', 'bc', 'de', 'f'],
    ),
  ).toEqual([header, content, content, footer]);
  expect(
    spans(
      [
        ['ab', header],
        ['c', content],
        ['d', footer],
      ],
      ['abcd'],
    ),
  ).toEqual([content]);
  expect(
    spans(
      [
        ['ab', header],
        ['cd', footer],
      ],
      ['a', 'bcd'],
    )[1],
  ).toBe(header);
});

test('a character that the normal form makes over a border is said', () => {
  expect(
    spans(
      [
        ['Q: e', header],
        ['\u0301a', content],
        ['.', footer],
      ],
      ['Q: ', 'é', 'a', '.'],
    ),
  ).toEqual([header, content, content, footer]);
  expect(
    spans(
      [
        ['Q: ', header],
        ['\u{1f642}e', content],
        ['\u0301.', footer],
      ],
      ['Q: ', '\u{1f642}', 'é', '.'],
    ),
  ).toEqual([header, content, content, footer]);
  // Hangul letters compose, too, and more than two marks with one letter.
  expect(
    spans(
      [
        ['\u1100', header],
        ['\u1161\u11a8', content],
      ],
      ['\uac01'],
    ),
  ).toEqual([content]);
});

test('tokens whose bytes are not the text’s have no place', () => {
  const nowhere = { role: null, turn: null, section: 'template' };
  expect(spans([['AB', content]], ['a', 'b'])).toEqual([nowhere, nowhere]);
  expect(spans([['ab', content]], ['a'])).toEqual([nowhere]);
  expect(spans([['e\u0301', content]], ['\u00e9'])).toEqual([content]);
});
