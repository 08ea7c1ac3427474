import { expect, test } from 'vitest';
import { nearestOnLine } from './neighbour';

const box = (line: number, left: number, right: number) => ({ left, right, top: line * 30, bottom: line * 30 + 28 });
const boxes = [box(0, 0, 40), box(0, 40, 60), box(0, 60, 200), box(1, 0, 100), box(1, 100, 120), box(2, 0, 300)];

test('up and down go to the nearest chip of the next line only', () => {
  expect(nearestOnLine(boxes, 2, 1)).toBe(4);
  expect(nearestOnLine(boxes, 0, 1)).toBe(3);
  expect(nearestOnLine(boxes, 4, -1)).toBe(2);
  expect(nearestOnLine(boxes, 5, -1)).toBe(4);
});

test('at the edge nothing moves', () => {
  expect(nearestOnLine(boxes, 1, -1)).toBe(1);
  expect(nearestOnLine(boxes, 5, 1)).toBe(5);
});
