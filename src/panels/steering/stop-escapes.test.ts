import { expect, test } from 'vitest';
import { escaped, unescaped } from './stop-escapes';

test('line ends, tabs and what cannot be seen are typed and shown as escapes', () => {
  expect(unescaped('\\n\\nUser:\\t')).toBe('\n\nUser:\t');
  expect(escaped('\n\nUser:\t')).toBe('\\n\\nUser:\\t');
  expect(escaped('a\u200bb\u00a0c')).toBe('a\\u{200b}b\\u{a0}c');
  expect(unescaped('a\\u{200B}b')).toBe('a\u200bb');
});

test('every text comes back as it was', () => {
  for (const text of [
    '\\n',
    '\n',
    'C:\\new',
    '\\\\u{41}',
    ' two spaces ',
    '。床',
    '👩‍🚀',
    '\r\n',
    '\u0000',
    '<|im_end|>',
  ])
    expect(unescaped(escaped(text))).toBe(text);
});

test('what is no escape stays as it is typed', () => {
  for (const typed of ['\\d', '\\', 'a\\ b', '\\u{110000}', '\\u{}', '\\N', '\\u41'])
    expect(unescaped(typed)).toBe(typed);
});
