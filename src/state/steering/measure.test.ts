import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import { envelope, generatedChange, meanKl, outcome, perplexity, promptChange, rate } from './measure';

const row = (part: Partial<GeneratedRow>): GeneratedRow => ({
  token: 1,
  text: 'a',
  logprob: -1,
  codes: {},
  acted: 0,
  change: 0,
  norm: 0,
  kl: null,
  surprisal: null,
  done: null,
  ...part,
});

test('mean KL and perplexity over the tokens there are', () => {
  const steered = [row({ kl: 0.2, surprisal: Math.log(2) }), row({ kl: 0.6, surprisal: Math.log(8) })];
  expect(meanKl(steered)).toBeCloseTo(0.4, 12);
  expect(perplexity(steered)!.value).toBeCloseTo(4, 12);
  expect(perplexity(steered)!.n).toBe(2);
  expect(meanKl([])).toBeNull();
  expect(perplexity([])).toBeNull();
});

test('the unedited row is scored by its own logprob', () => {
  expect(perplexity([row({ logprob: -Math.log(3) })])!.value).toBeCloseTo(3, 12);
  expect(meanKl([row({})])).toBeNull();
});

test('change is over the tokens acted on, as a ratio of sums; sinks stay out of the sizes but in the count', () => {
  const report = {
    layer: 3,
    acted: Uint8Array.from([1, 1, 0, 2]),
    change: Float32Array.from([500, 2, 0, 6]),
    norm: Float32Array.from([5000, 10, 10, 30]),
  };
  expect(promptChange(report, new Set([0]))).toEqual({ acted: 3, of: 4, change: 4, share: 0.2 });
  const first = {
    layer: 3,
    acted: Uint8Array.from([1, 0]),
    change: Float32Array.from([5, 0]),
    norm: Float32Array.from([50, 10]),
  };
  expect(promptChange(first, new Set([0]))).toEqual({ acted: 1, of: 2, change: 5, share: 0.1 });
  expect(generatedChange([row({ acted: 1, change: 3, norm: 10 }), row({ norm: 10 })])).toEqual({
    acted: 1,
    of: 2,
    change: 3,
    share: 0.3,
  });
  expect(generatedChange([row({})])).toEqual({ acted: 0, of: 1, change: 0, share: 0 });
  const sink = { ...row({ acted: 1, change: 3, norm: 9000 }), sink: true } as const;
  expect(generatedChange([sink, row({ acted: 1, change: 4, norm: 10 })])).toEqual({
    acted: 2,
    of: 2,
    change: 4,
    share: 0.4,
  });
  expect(generatedChange([sink])).toMatchObject({ acted: 1, change: 3 });
});

test('the envelope covers draws of unequal length', () => {
  expect(envelope([Float32Array.from([1, 4]), Float32Array.from([2])])).toEqual([
    [1, 2],
    [4, 4],
  ]);
  expect(envelope([])).toEqual([]);
});

test('a run beside its controls: its mean KL, and between which the draws lie, the streamed one among them', () => {
  const steered = [row({ kl: 0.5, acted: 1 }), row({ kl: 0.5 })];
  const control = [row({ kl: 0.1 })];
  expect(outcome(steered, control, null)).toBeNull();
  const found = outcome(steered, control, [Float32Array.of(0.75), Float32Array.of(0.25, 0.75)]);
  expect(found).toEqual({ kl: 0.5, low: 0.1, high: 0.75, draws: 3, acted: 1, of: 2 });
});

test('the rate is from the median step', () => {
  expect(rate([10, 10, 4000])).toBe(100);
  expect(rate([])).toBeNull();
});
