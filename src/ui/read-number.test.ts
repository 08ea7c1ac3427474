import { expect, test } from 'vitest';
import { inRoom, readNumber } from './read-number';

test('a decimal comma is a point, and what can be read in two ways is asked back', () => {
  expect(['1,5', '−0,25', '1.5', '.5', '5.', '1e-3', '0,125', ' 12 '].map(readNumber)).toEqual([
    1.5, -0.25, 1.5, 0.5, 5, 0.001, 0.125, 12,
  ]);
  expect(['12,345,678', '1,234.5'].map(readNumber)).toEqual([12_345_678, 1234.5]);
  expect(readNumber('1,234')).toBe('1,234 can be read in two ways: write 1.234 or 1234.');
  expect(readNumber('')).toBeNull();
});

test('what is no number, or beyond float32, is refused in a sentence', () => {
  for (const text of ['abc', '1,2,3', '0x10', '1.2.3', '-', 'Infinity'])
    expect(readNumber(text)).toBe(`${text} is no number.`);
  expect(readNumber('1e39')).toMatch(/^1e39 is beyond float32/);
});

test('a number in little room loses figures, never its size', () => {
  expect(
    [1, 1.2363505, 30_997.178, 12_345_678, -12_345_678, 1.2345e-12, -3.4028234e38].map((n) => inRoom(n, 7)),
  ).toEqual(['1', '1.23635', '30997.2', '1.235e7', '-1.23e7', '1.2e-12', '-3.4e38']);
  for (const n of [0.1 / 3, -1 / 3, 99_999.96, 999_999.96, -1.234e-38, 123_456.789, -0.00012345678]) {
    const text = inRoom(n, 7);
    expect([text.length <= 7, Math.abs(Number(text) / n - 1) < 0.2]).toEqual([true, true]);
  }
});
