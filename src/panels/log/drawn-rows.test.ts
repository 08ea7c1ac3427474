import { expect, test } from 'vitest';
import { drawnRows } from './drawn-rows';

const range = (count: number, startIndex: number, endIndex: number) => ({ count, startIndex, endIndex, overscan: 8 });

test('of five thousand rows a few are drawn, all that are in sight among them, wherever the list stands', () => {
  for (const first of [0, 1, 2500, 4990]) {
    const rows = drawnRows(range(5000, first, Math.min(4999, first + 9)), -1);
    expect(rows.length).toBeLessThan(30);
    for (let i = first; i < Math.min(5000, first + 10); i++) expect(rows).toContain(i);
  }
});

test('the chosen row is drawn wherever it is, in its order, and never twice', () => {
  const sight = range(5000, 1000, 1009);
  expect(drawnRows(sight, 3)[0]).toBe(3);
  expect(drawnRows(sight, 4999).at(-1)).toBe(4999);
  const within = drawnRows(sight, 1005);
  expect(within).toEqual([...new Set(within)]);
  expect(drawnRows(range(3, 0, 2), 3)).toEqual([0, 1, 2]);
});
