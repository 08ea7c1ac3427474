import { expect, test } from 'vitest';
import { boxOf, clear, type Label, LINE, overlap, spread } from './labels';

const at = (y: number, x = 10, says = 'steered'): Label => ({ says, x, y, anchor: 'start' });

test('labels that would lie over each other part, in their order, and stay inside', () => {
  expect(spread([at(50), at(53)], 10, 100).map(({ y }) => y)).toEqual([50, 50 + LINE]);
  expect(spread([at(99), at(120)], 10, 100).map(({ y }) => y)).toEqual([100 - LINE, 100]);
  expect(spread([at(-5)], 10, 100).map(({ y }) => y)).toEqual([10]);
  // Beside each other both keep their height.
  expect(spread([at(50), at(53, 200)], 10, 100).map(({ y }) => y)).toEqual([50, 53]);
});

test('however many there are, none lies over another while there is room', () => {
  for (let seed = 1; seed < 60; seed++) {
    const heights = Array.from({ length: 6 }, (_, i) => (seed * 37 * (i + 1)) % 140);
    const placed = spread(
      heights.map((y) => at(y)),
      10,
      140,
    ).map(boxOf);
    for (const [i, one] of placed.entries())
      for (const other of placed.slice(i + 1)) expect(overlap(one, other)).toBe(false);
  }
});

test('of labels that lie over each other the first stays', () => {
  const [first, over, free] = [at(50, 10, 'one'), at(52, 12, 'two'), at(90, 10, 'three')];
  expect(clear([first, over, free])).toEqual([first, free]);
  expect(clear([over, free], [first])).toEqual([free]);
});
