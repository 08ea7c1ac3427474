import { expect, test } from 'vitest';
import { slotsFor } from './slots';

test('room is four times the average number of latents, as a power of two, within bounds', () => {
  expect([null, 0, 10, 64, 65, 100, 189, 5000].map((l0) => slotsFor(16384, l0))).toEqual([
    512, 256, 256, 256, 512, 512, 1024, 1024,
  ]);
  expect([slotsFor(100, null), slotsFor(300, 60), slotsFor(300, 100)]).toEqual([100, 256, 300]);
});
