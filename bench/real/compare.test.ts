import { expect, test } from 'vitest';
import { compareGreedy, compareLogits, worstRow } from './compare';

test('the worst row counts, by its own length, and a NaN is without bound', () => {
  expect(worstRow(Float32Array.of(1, 0, 103, 0), Float32Array.of(1, 0, 100, 0), 2)).toBeCloseTo(0.03, 6);
  expect(worstRow(Float32Array.of(Number.NaN, 0), Float32Array.of(1, 0), 2)).toBe(Number.POSITIVE_INFINITY);
});

test('logits that differ by a constant of their row are equal; one that differs alone is not', () => {
  const theirs = Float32Array.of(1, 2, 3, 3, 2, 1);
  expect(
    compareLogits(
      theirs.map((x, i) => x + (i < 3 ? 5 : -7)),
      theirs,
      3,
    ),
  ).toEqual({
    logprob: expect.closeTo(0, 6),
    likeliest: 2,
  });
  const { logprob, likeliest } = compareLogits(Float32Array.of(1, 4, 3, 3, 2, 1), theirs, 3);
  expect(logprob).toBeGreaterThan(1);
  expect(likeliest).toBe(1);
  expect(compareLogits(Float32Array.of(1, Number.NaN, 3, 3, 2, 1), theirs, 3).logprob).toBe(Number.POSITIVE_INFINITY);
});

test('a greedy text is equal up to where it parts, with the lead that was overturned there', () => {
  const theirs = { ids: [5, 6, 7], leads: [1, 2, 3] };
  expect(compareGreedy([5, 6, 7], theirs)).toEqual({ tokens: 3, equal: 3, lead: null });
  expect(compareGreedy([5, 9, 7], theirs)).toEqual({ tokens: 3, equal: 1, lead: 2 });
  expect(compareGreedy([5, 6], theirs), 'ended too early').toEqual({ tokens: 3, equal: 2, lead: 3 });
  expect(compareGreedy([5], { ids: [4] })).toEqual({ tokens: 1, equal: 0, lead: null });
});
