import { expect, test } from 'vitest';
import { verticalNeighbour } from './neighbour';

const box = (line: number, left: number, right: number) => ({ left, right, top: line * 30, bottom: line * 30 + 28 });
const list = [box(0, 0, 40), box(0, 40, 60), box(0, 60, 200), box(1, 0, 100), box(1, 100, 120), box(2, 0, 300)];
const boxes = { length: list.length, box: (i: number) => list[i]! };

test('up and down go to the nearest chip of the next line only', () => {
  expect(verticalNeighbour(boxes, 2, 1)).toBe(4);
  expect(verticalNeighbour(boxes, 0, 1)).toBe(3);
  expect(verticalNeighbour(boxes, 4, -1)).toBe(2);
  expect(verticalNeighbour(boxes, 5, -1)).toBe(4);
});

test('at the edge nothing moves', () => {
  expect(verticalNeighbour(boxes, 1, -1)).toBe(1);
  expect(verticalNeighbour(boxes, 5, 1)).toBe(5);
  expect(verticalNeighbour(boxes, 9, 1)).toBe(9);
});

test('of 2,000 chips those of the next line are looked at, not all', () => {
  const asked: number[] = [];
  const many = {
    length: 2000,
    box: (i: number) => {
      asked.push(i);
      return box(Math.floor(i / 25), (i % 25) * 40, (i % 25) * 40 + 40);
    },
  };
  expect(verticalNeighbour(many, 1010, 1)).toBe(1035);
  expect(asked.length).toBeLessThan(60);
});
