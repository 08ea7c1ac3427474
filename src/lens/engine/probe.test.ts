import { expect, test } from 'vitest';
import { largestDifference, parameters } from './probe';

test('the probe’s difference is relative to the largest logit, and infinite where there is none to compare', () => {
  expect(largestDifference(Float32Array.of(1, -8, 3), Float32Array.of(1, -8, 3))).toBe(0);
  expect(largestDifference(Float32Array.of(1, -8, 4), Float32Array.of(1, -8, 3))).toBeCloseTo(1 / 8, 6);
  expect(largestDifference(Float32Array.of(1, Number.NaN), Float32Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
  expect(largestDifference(Float32Array.of(1, Number.POSITIVE_INFINITY), Float32Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
});

test('parameters are counted as the weights are stored, a tied unembedding once', () => {
  const config = {
    d: 4,
    heads: 2,
    kvHeads: 1,
    headDim: 16,
    intermediate: 8,
    layers: 3,
    vocabularySize: 10,
    tied: true,
    contextLength: 8,
    ropeTheta: 1e4,
    epsilon: 1e-6,
    eos: [],
  };
  const block = 4 * 16 * (2 + 2 + 1 + 1) + 3 * 4 * 8;
  expect(parameters(config)).toBe(3 * block + 40);
  expect(parameters({ ...config, tied: false })).toBe(3 * block + 80);
});
