import { expect, test } from 'vitest';
import { pastedSays, staying } from './pasted';

test('a text that has no room is refused, with the figures', () => {
  expect(pastedSays('a'.repeat(1_048_576), 0, 200_000)).toEqual({
    refused: true,
    says: 'What was pasted has 1,048,576 characters; at most 200,000 have room. Nothing was changed.',
  });
  expect(pastedSays('abc', 9_998, 10_000).says).toBe(
    'What was pasted has 3 characters, 10,001 with what is here; at most 10,000 have room. Nothing was changed.',
  );
  expect(pastedSays('ab', 9_998, 10_000)).toEqual({ refused: false, says: null });
  // A box holds one sign for both.
  expect(pastedSays('a\r\n'.repeat(70_000), 0, 200_000).refused).toBe(false);
});

test('what a box makes of line ends is said', () => {
  expect(pastedSays('a\r\nb', 0, 9).says).toContain('Windows line ends (carriage return, line feed)');
  expect(pastedSays('a\rb', 0, 9).says).toContain('had carriage returns.');
  expect(pastedSays('a\nb', 0, 9).says).toBeNull();
});

test('what is pasted over a selection, or dragged within the box, is not counted beside itself', () => {
  expect([staying(10, 4, 'paste'), staying(10, 4, 'move'), staying(10, 4, 'drop')]).toEqual([6, 6, 10]);
});
