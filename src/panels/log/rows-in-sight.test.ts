import { expect, test } from 'vitest';
import { rowsInSight } from './rows-in-sight';

test('of five thousand rows a few are drawn, wherever the list stands', () => {
  for (const top of [0, 63, 64, 160_000, 319_360, 999_999]) {
    const rows = rowsInSight(5000, 64, { top, height: 640 }, -1);
    expect(rows.length).toBeLessThan(30);
    // All that is in sight is drawn.
    for (let y = top; y < Math.min(top + 640, 5000 * 64); y += 8) expect(rows).toContain(Math.floor(y / 64));
  }
});

test('the chosen row is drawn wherever it is, in its order, and never twice', () => {
  const sight = { top: 64_000, height: 640 };
  expect(rowsInSight(5000, 64, sight, 3)[0]).toBe(3);
  expect(rowsInSight(5000, 64, sight, 4999).at(-1)).toBe(4999);
  const within = rowsInSight(5000, 64, sight, 1005);
  expect(within).toEqual([...new Set(within)]);
  expect(rowsInSight(3, 64, { top: 0, height: 640 }, 3)).toEqual([0, 1, 2]);
  expect(rowsInSight(0, 64, sight, -1)).toEqual([]);
});
