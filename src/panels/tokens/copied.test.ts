import { expect, test } from 'vitest';
import { copied } from './copied';

const chips = ['a\n', '\té', ' b'].map((text, i) => ({ text, from: i, to: i, special: false }));

test('white space is copied as it is, and the whole is the text as typed', () => {
  const text = 'a\n\te\u0301 b';
  expect(copied({ chips, text }, 0, 1)).toBe('a\n\té');
  expect(copied({ chips, text }, 2, 2)).toBe(' b');
  expect(copied({ chips, text }, 0, 2)).toBe(text);
});
