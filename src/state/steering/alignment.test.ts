import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import { align, createAligner, divergence } from './alignment';

const stream = (...ids: number[]): GeneratedRow[] =>
  ids.map((token) => ({
    token,
    text: String(token),
    logprob: -1,
    codes: {},
    acted: 0,
    change: 0,
    norm: 0,
    kl: null,
    surprisal: null,
    done: null,
  }));

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

test('as few tokens as can be are marked: the rest of both texts is a longest common subsequence', () => {
  const a = align(stream(1, 5, 2, 3, 4), stream(2, 3, 4, 1));
  expect(a.base).toEqual([true, true, false, false, false]);
  expect(a.other).toEqual([false, false, false, true]);
});

test('texts that agree so far carry no mark', () => {
  expect(align(stream(1, 2), stream(1, 2, 3))).toEqual({
    at: null,
    base: [false, false],
    other: [false, false, false],
  });
});

test('while texts grow the divergence is that of now, the marks lag by fewer than `every` tokens, and in the end all of them are right', () => {
  const aligned = createAligner(4);
  const [base, other] = [stream(1, 2, 3, 4, 5, 6, 7, 8), stream(1, 2, 9, 4, 8, 6, 7, 5)];
  for (let n = 1; n <= 8; n++) {
    const [a, b] = [base.slice(0, n), other.slice(0, n)];
    const marks = aligned(a, b, true);
    expect(marks.at).toBe(divergence(a, b));
    const known = marks.base.length;
    expect(n - known).toBeLessThan(4);
    expect(marks).toEqual(align(base.slice(0, known), other.slice(0, known)));
  }
  expect(aligned(base, other, false)).toEqual(align(base, other));
});

test('another run is aligned anew, however much its texts look like a longer one', () => {
  const aligned = createAligner(100);
  aligned(stream(1, 2, 3), stream(1, 9, 3), true);
  const [base, other] = [stream(1, 4, 5, 6), stream(1, 5, 4, 7)];
  expect(aligned(base, other, true)).toEqual(align(base, other));
});

test('asked again for the same texts it gives the same answer, without work', () => {
  const aligned = createAligner();
  const [base, other] = [stream(1, 2), stream(1, 3)];
  expect(aligned(base, other, false)).toBe(aligned(base, other, false));
});
