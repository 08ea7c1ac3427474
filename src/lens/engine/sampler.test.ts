import { expect, test } from 'vitest';
import { InvalidOptionError } from '../api/errors';
import { type Candidates, checkSampling, likeliest, logSumExp, sample } from './sampler';

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

const greedy = { temperature: 0, topP: 1, seed: 1 };

test('the repetition penalty divides positive logits and multiplies negative ones, of each token once', () => {
  // RepetitionPenaltyLogitsProcessor(2) with input_ids [0, 0, 2, 3]: [1, 1.5, -2, 0].
  const logits = [2, 1.5, -1, 0];
  const seen = new Set([0, 0, 2, 3]);
  const options = { temperature: 1, topP: 1, seed: 5, repetitionPenalty: 2 };
  for (let step = 0; step < 100; step++)
    expect(sample(row(...logits), options, step, seen).id).toBe(
      sample(row(1, 1.5, -2, 0), { ...options, repetitionPenalty: 1 }, step).id,
    );
  expect(sample(row(...logits), { ...greedy, repetitionPenalty: 2 }, 0, seen).id).toBe(1);
  // Below 1 what was said is likelier.
  expect(sample(row(2, 1.5), { ...greedy, repetitionPenalty: 0.5 }, 0, new Set([1])).id).toBe(1);
});

test('log p and mass are the model’s own, whatever the penalty', () => {
  const whole = row(2, 1.5);
  const { id, logprob } = sample(whole, { ...greedy, repetitionPenalty: 2 }, 0, new Set([0]));
  expect(id).toBe(1);
  expect(logprob).toBeCloseTo(1.5 - whole.logSumExp, 6);
  // Also of a token that is drawn though it is penalised.
  const kept = sample(whole, { ...greedy, repetitionPenalty: 1.2 }, 0, new Set([0]));
  expect(kept.id).toBe(0);
  expect(kept.logprob).toBeCloseTo(2 - whole.logSumExp, 6);
  const cut = { logits: Float32Array.of(4, 3), ids: Uint32Array.of(7, 2), logSumExp: 4.5 };
  const penalised = sample(cut, { ...greedy, repetitionPenalty: 2 }, 0, new Set([7]));
  expect(penalised.id).toBe(2);
  expect(penalised.logprob).toBeCloseTo(-1.5, 6);
  expect(penalised.mass).toBe(sample(cut, greedy, 0).mass);
});

test('a penalty of 1, and one without tokens, changes no draw', () => {
  const options = { temperature: 0.7, topP: 0.9, seed: 2 };
  for (let step = 0; step < 50; step++) {
    const plain = sample(row(0.3, 1.2, -0.5, 0.9), options, step);
    expect(sample(row(0.3, 1.2, -0.5, 0.9), { ...options, repetitionPenalty: 1 }, step, new Set([1]))).toEqual(plain);
    expect(sample(row(0.3, 1.2, -0.5, 0.9), { ...options, repetitionPenalty: 3 }, step, new Set())).toEqual(plain);
  }
});

test('the likeliest are in order, ties by lower id, whole or cut', () => {
  const whole = row(1, 4, 2, 4, 3);
  expect(likeliest(whole, 3).map(({ id }) => id)).toEqual([1, 3, 4]);
  expect(likeliest(whole, 9).map(({ id }) => id)).toEqual([1, 3, 4, 2, 0]);
  expect(likeliest(whole, 0)).toEqual([]);
  expect(likeliest(whole, 1)[0]!.logprob).toBeCloseTo(4 - whole.logSumExp, 6);
  const cut = { logits: Float32Array.of(3, 4, 4), ids: Uint32Array.of(4, 3, 1), logSumExp: whole.logSumExp };
  expect(likeliest(cut, 3)).toEqual(likeliest(whole, 3));
});

test('options outside their range are refused by name', () => {
  const bad = [
    { temperature: -0.1 },
    { temperature: Number.NaN },
    { topP: 0 },
    { topP: 1.1 },
    { seed: 1.5 },
    { repetitionPenalty: 0 },
    { repetitionPenalty: 11 },
    { stop: [''] },
    { stop: ['a'.repeat(201)] },
    { stop: Array(17).fill('a') },
    { stop: 'a' as unknown as string[] },
    { stop: [1 as unknown as string] },
  ];
  for (const one of bad)
    expect(() => checkSampling({ temperature: 1, topP: 1, seed: 1, ...one })).toThrow(InvalidOptionError);
  checkSampling({ temperature: 1, topP: 1, seed: 1, stop: ['\n\n', '<|im_end|>'], repetitionPenalty: 1.3 });
});
