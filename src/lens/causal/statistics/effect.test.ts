import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { clusteredEffect, signFlips } from './effect';
import { expectClose, opinion } from './testing/second-opinion';

test('Student’s interval and exact flips are SciPy’s; random flips are near its own', () => {
  for (const { effects, flips, near, student } of opinion.effects) {
    if (flips !== undefined) expectClose([signFlips(effects, 1)], [flips], 1e-14);
    if (near !== undefined) expect(Math.abs(signFlips(effects, 1) - near)).toBeLessThan(0.02);
    if (student !== undefined) {
      const { mean, low, high } = clusteredEffect(effects, false)!;
      expectClose([mean, low, high], student);
    }
  }
});

test('below 20 clusters there is no interval', () => {
  expect(clusteredEffect(new Array(19).fill(0.1), true)).toBeNull();
});

test('effects that do not vary still have a width, unless their scale has no end', () => {
  const z = 1.959963985;
  const { low, high } = clusteredEffect(new Array(20).fill(0), true)!;
  expectClose([low, high], [-(z ** 2) / (20 + z ** 2), z ** 2 / (20 + z ** 2)], 1e-8);
  expect(clusteredEffect(new Array(20).fill(1), true)!.high).toBe(1);
  expect(clusteredEffect(new Array(20).fill(3), false)).toEqual({ mean: 3, low: 3, high: 3 });
});

test('flips: all ways up to 14 clusters, never 0 beyond, the same for a seed', () => {
  expect(signFlips(new Array(14).fill(1), 1)).toBe(1 / 2 ** 14);
  expect(signFlips(new Array(15).fill(1), 1)).toBeGreaterThanOrEqual(1 / 10_000);
  const effects = Array.from({ length: 30 }, (_, g) => Math.sin(g));
  expect(signFlips(effects, 7)).toBe(signFlips(effects, 7));
  expect(signFlips(effects, 7)).not.toBe(signFlips(effects, 8));
});

test('nothing turned is no evidence, and equal sums are ties whatever their order', () => {
  expect(signFlips([0, 0, 0], 1)).toBe(1);
  expect(signFlips(new Array(30).fill(0), 1)).toBe(1);
  // .1 + .2 + .3 − .6 is 0 but for its last bits, as is its mirror image: 9 of the 16 ways reach 0.
  expect(signFlips([0.1, 0.2, 0.3, -0.6], 1)).toBe(9 / 16);
});

test('no numbers are refused', () => {
  expect(() => signFlips([], 1)).toThrow(InvalidOptionError);
  expect(() => clusteredEffect([Number.NaN], true)).toThrow(InvalidOptionError);
  expect(() => signFlips([1], -1)).toThrow(InvalidOptionError);
});
