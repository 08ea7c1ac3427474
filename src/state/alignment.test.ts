import { expect, test } from 'vitest';
import type { GeneratedRow } from '../lens/types';
import { align, divergence } from './alignment';

const stream = (...ids: number[]): GeneratedRow[] =>
  ids.map((token) => ({ token, text: String(token), logprob: -1, codes: {}, acted: 0, change: 0, norm: 0, kl: null, surprisal: null, done: null }));

test('the first divergence is the first token that differs, not where one text is merely longer', () => {
  expect(divergence(stream(1, 2, 3), stream(1, 9, 3))).toBe(1);
  expect(divergence(stream(1, 2), stream(1, 2, 3))).toBeNull();
  expect(divergence([], stream(1))).toBeNull();
});

test('after the divergence tokens that reappear are aligned, the others marked, one mark a token', () => {
  const a = align(stream(1, 2, 3, 4, 5), stream(1, 9, 3, 4, 8, 5));
  expect(a.at).toBe(1);
  expect(a.base).toEqual([false, true, false, false, false]);
  expect(a.other).toEqual([false, true, false, false, true, false]);
});

test('texts that agree so far carry no mark', () => {
  expect(align(stream(1, 2), stream(1, 2, 3))).toEqual({ at: null, base: [false, false], other: [false, false, false] });
});
