import { expect, test } from 'vitest';
import { heights, shareBelow, stepped } from './histogram';

test('bars are log: one firing is seen beside a thousand, none is nothing', () => {
  expect(heights([0, 1, 999])).toEqual([0, Math.log(2) / Math.log(1000), 1]);
  expect(heights([0, 0])).toEqual([0, 0]);
});

test('the outline steps from bar to bar and closes along the bottom', () => {
  expect(stepped([0, 1, 0.5], 30, 8)).toBe('M0 8V8H10V0H20V4H30V8Z');
});

test('a value stands above the bins below it, and in proportion above its own', () => {
  const counts = [8, 0, 2, 0];
  expect(shareBelow(counts, 4, 2)).toBe(0.8);
  expect(shareBelow(counts, 4, 2.5)).toBe(0.9);
  expect(shareBelow(counts, 4, 0)).toBe(0);
  expect(shareBelow(counts, 4, 9)).toBe(1);
  expect(shareBelow([0, 0], 4, 2)).toBe(0);
});
