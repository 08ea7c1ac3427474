import { expect, test } from 'vitest';
import { shareBelow } from './histogram';

test('a value stands above the bins below it, and in proportion above its own', () => {
  const counts = [8, 0, 2, 0];
  expect(shareBelow(counts, 4, 2)).toBe(0.8);
  expect(shareBelow(counts, 4, 2.5)).toBe(0.9);
  expect(shareBelow(counts, 4, 0)).toBe(0);
  expect(shareBelow(counts, 4, 9)).toBe(1);
  expect(shareBelow([0, 0], 4, 2)).toBe(0);
});
