import { expect, test } from 'vitest';
import { copied } from './copied';

const chips = ['a\n', '\té', ' b'].map((text, i) => ({ text, from: i, to: i, special: false }));

test('white space is copied as it is, and letters as they were typed', () => {
  const text = 'a\n\te\u0301 b';
  expect(copied({ chips, text }, 0, 1)).toBe('a\n\te\u0301');
  expect(copied({ chips, text }, 2, 2)).toBe(' b');
  expect(copied({ chips, text }, 0, 2)).toBe(text);
  // What a tokenizer put in front is of no text.
  const first = { text: '<bos>', from: 0, to: 0, special: true };
  expect(copied({ chips: [first, ...chips], text }, 0, 1)).toBe('<bos>a\n');
});
