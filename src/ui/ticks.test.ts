import { expect, test } from 'vitest';
import { tickSays, ticksWithin } from './ticks';

test('a tick is as short as it is exact', () => {
  expect([0, 0.2, 5, -0.5, 20000, 1e-7].map(tickSays)).toEqual(['0', '0.2', '5', '−0.5', '20,000', '1e−7']);
});

test('ticks are round, inside the axis, and no more than are asked for', () => {
  expect(ticksWithin(7.06, 3)).toEqual([2, 4, 6]);
  expect(ticksWithin(1, 4)).toEqual([0.2, 0.4, 0.6, 0.8]);
  expect(ticksWithin(0.3, 2)).toEqual([0.1, 0.2]);
  expect(ticksWithin(24, 3)).toEqual([10, 20]);
  expect([ticksWithin(0, 3), ticksWithin(Number.NaN, 3), ticksWithin(5, 0)]).toEqual([[], [], []]);
  for (let end = 1e-6; end < 1e6; end *= 1.37)
    for (let most = 1; most <= 6; most++) {
      const ticks = ticksWithin(end, most);
      expect(ticks.length).toBeLessThanOrEqual(most);
      for (const tick of ticks) expect(tick > 0 && tick < end).toBe(true);
    }
});
