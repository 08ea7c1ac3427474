import { expect, test } from 'vitest';
import { gumbel, randomDirection, sampleSeed, uniform } from './random';

test('uniform numbers fill (0, 1) evenly and repeat', () => {
  const n = 20_000;
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < n; i++) {
    const u = uniform(16, 3, i);
    expect(u).toBeGreaterThan(0);
    expect(u).toBeLessThan(1);
    bins[Math.floor(u * 10)]!++;
  }
  // 5 standard deviations of a binomial count.
  for (const count of bins) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
  expect(uniform(16, 3, 5)).toBe(uniform(16, 3, 5));
  expect(new Set([uniform(16, 3, 5), uniform(17, 3, 5), uniform(16, 4, 5), uniform(16, 3, 6)]).size).toBe(4);
});

test('Gumbel noise has its mean, Euler’s constant', () => {
  let sum = 0;
  for (let i = 0; i < 20_000; i++) sum += gumbel(1, 2, i);
  expect(Math.abs(sum / 20_000 - 0.5772)).toBeLessThan(0.05);
});

test('random directions are unit vectors, all but orthogonal across seeds and layers', () => {
  const d = 256;
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const [a, b, c] = [randomDirection(1, 3, d), randomDirection(2, 3, d), randomDirection(1, 4, d)];
  expect(dot(a, a)).toBeCloseTo(1, 5);
  expect(Math.abs(dot(a, b))).toBeLessThan(0.25);
  expect(Math.abs(dot(a, c))).toBeLessThan(0.25);
  expect(randomDirection(1, 3, d)).toEqual(a);
});

test('every position and sample has a seed of its own, the same each time', () => {
  const seeds = new Set<number>();
  for (const seed of [0, 1, 16])
    for (const position of [null, 0, 1, 2, 400])
      for (let sample = 0; sample < 16; sample++) seeds.add(sampleSeed(seed, position, sample));
  expect(seeds.size).toBe(3 * 5 * 16);
  for (const seed of seeds) expect(Number.isSafeInteger(seed)).toBe(true);
  expect(sampleSeed(16, 4, 1)).toBe(sampleSeed(16, 4, 1));
});
