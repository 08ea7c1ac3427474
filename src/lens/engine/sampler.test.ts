import { expect, test } from 'vitest';
import { InvalidOptionError } from '../api/errors';
import { type Candidates, checkSampling, logSumExp, sample } from './sampler';

const row = (...logits: number[]): Candidates => {
  const x = Float32Array.from(logits);
  return { logits: x, ids: null, logSumExp: logSumExp(x) };
};

test('greedy takes the largest, ties the lower id', () => {
  expect(sample(row(1, 4, 2, 4), { temperature: 0, topP: 1, seed: 1 }, 0).id).toBe(1);
});

test('draws follow softmax(logits / T)', () => {
  const candidates = row(0, 1, 2);
  const counts = [0, 0, 0];
  const n = 12_000;
  for (let step = 0; step < n; step++) counts[sample(candidates, { temperature: 0.5, topP: 1, seed: 3 }, step).id]!++;
  const weights = [1, Math.exp(2), Math.exp(4)];
  const total = weights[0]! + weights[1]! + weights[2]!;
  for (const [i, w] of weights.entries()) {
    const p = w / total;
    expect(Math.abs(counts[i]! / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  }
});

test('top-p keeps the smallest set that reaches it', () => {
  // Probabilities .5, .3, .15, .05.
  const candidates = row(Math.log(0.15), Math.log(0.5), Math.log(0.05), Math.log(0.3));
  const drawn = (topP: number) =>
    new Set(Array.from({ length: 600 }, (_, step) => sample(candidates, { temperature: 1, topP, seed: 9 }, step).id));
  expect(drawn(0.4)).toEqual(new Set([1]));
  expect(drawn(0.79)).toEqual(new Set([1, 3]));
  expect(drawn(0.81)).toEqual(new Set([1, 3, 0]));
  expect(drawn(1)).toEqual(new Set([0, 1, 2, 3]));
});

test('equal distributions draw equal tokens, a shifted row of logits among them', () => {
  const a = row(0.3, 1.2, -0.5, 0.9);
  const b = row(5.3, 6.2, 4.5, 5.9);
  for (let step = 0; step < 200; step++) {
    const options = { temperature: 0.7, topP: 0.95, seed: 16 };
    expect(sample(a, options, step).id).toBe(sample(b, options, step).id);
  }
});

test('log p is the row’s own at T = 1, and cut candidates say what mass they hold', () => {
  const whole = row(1, 2, 3, 4);
  const drawn = sample(whole, { temperature: 0, topP: 1, seed: 1 }, 0);
  expect(drawn.logprob).toBeCloseTo(4 - logSumExp(whole.logits), 6);
  expect(drawn.mass).toBe(1);
  const cut = { logits: Float32Array.of(4, 3), ids: Uint32Array.of(3, 2), logSumExp: whole.logSumExp };
  const fromCut = sample(cut, { temperature: 0, topP: 1, seed: 1 }, 0);
  expect(fromCut.id).toBe(3);
  expect(fromCut.mass).toBeCloseTo((Math.exp(4) + Math.exp(3)) / Math.exp(whole.logSumExp), 6);
});

test('options outside their range are refused by name', () => {
  for (const bad of [{ temperature: -0.1 }, { temperature: Number.NaN }, { topP: 0 }, { topP: 1.1 }, { seed: 1.5 }]) {
    expect(() => checkSampling({ temperature: 1, topP: 1, seed: 1, ...bad })).toThrow(InvalidOptionError);
  }
});
