import { expect, test } from 'vitest';
import { isSink, sinkMedian, sinksOf } from './sinks';

/** Norms after block 20 of Qwen2.5-7B-Instruct over a prompt in its template and the answer, as a public transcript of
 *  Natural Language Autoencoders prints them. */
const TRANSCRIPT = Float32Array.of(
  ...[235.7, 168.1, 14356.5, 129.5, 113.6, 99.9, 108, 106, 99.6, 110.8, 113.4, 110.1, 108.7, 114, 109.9, 109.1, 120.5],
  ...[112, 100.4, 156.2, 105.8, 107.4, 106.3, 114, 119.5, 113.8, 113.9, 128.5, 117.8, 131, 108.9, 108.9, 122.5, 126.5],
  ...[115.8, 111.3, 121.9, 125.3, 123, 112.8, 114.9, 109.7, 119.7, 120.9, 96.4, 124.2, 119.7, 118.5, 120.9, 118.2],
  ...[122.2, 115.8, 106.3, 121.8, 116.3, 112.2, 123.5, 132.3, 124.5, 116, 123.4, 121.7, 125.5, 120.1, 117.9, 117.9],
  ...[122, 113.3, 114.8, 121, 132, 122.6, 120.5, 118.1, 119.3, 116.3, 118.5, 118.2, 124, 114.7, 114.2, 106, 112.4],
  ...[109.1, 127.8, 129, 124.5, 121.2, 119.9, 119.1, 119.3, 122.6, 116, 114.1, 120.2, 101.5, 127.3, 131.8, 116.9],
  ...[110.1, 129.7],
);

/** A text of norm 1 and share .2 but for some tokens. */
function text(tokens: number, others: Record<number, [norm: number, share: number]> = {}, share = 0.2) {
  const norm = new Float32Array(tokens).fill(1);
  const peak = new Float32Array(tokens).fill(share);
  for (const [t, [own, ownShare]] of Object.entries(others)) {
    norm[Number(t)] = own;
    peak[Number(t)] = ownShare;
  }
  return { norm, peak };
}

test('in the norms of a transcript, position 2 alone beside position 0, by the text’s own median or the site’s', () => {
  expect([...sinksOf({ norm: TRANSCRIPT }, null)]).toEqual([0, 2]);
  expect([...sinksOf({ norm: TRANSCRIPT }, 110)]).toEqual([0, 2]);
});

test.each([
  ['SmolLM2, the first “ the” after blocks 2 to 8, the nearest', 3.01, 0.86, true],
  ['and the farthest', 11, 0.96, true],
  ['SmolLM2, one of 2.6 ×', 2.6, 0.96, false],
  ['SmolLM2, “<|im_start|>” at block 0', 2.5, 0.11, false],
  ['Gemma 3 270M, commas after block 0', 7.6, 0.99, true],
  ['Gemma 3 270M, any token after block 2', 1, 0.95, false],
  ['large for another reason', 7.9, 0.3, false],
  ['too large for any', 8.1, 0.3, true],
])('%s: %s × the median with a share of %s: %s', (_, times, share, is) => {
  expect(isSink(100 * times, share, 100)).toBe(is);
  expect([...sinksOf(text(20, { 5: [times, share] }), null)]).toEqual(is ? [0, 5] : [0]);
  expect([...sinksOf(text(20, { 5: [times, share] }), 1)]).toEqual(is ? [0, 5] : [0]);
});

test('where one channel holds most of every token, none is a sink by that', () => {
  expect([...sinksOf(text(20, { 5: [2.5, 0.95] }, 0.9), null)]).toEqual([0]);
});

test('position 0 is left out by its position, but for a text of it alone', () => {
  expect([...sinksOf(text(3), null)]).toEqual([0]);
  expect([...sinksOf(text(1, { 0: [99, 1] }), 1)]).toEqual([]);
  expect([...sinksOf(text(0), null)]).toEqual([]);
});

test('below 16 tokens only the site’s own median tells; position 0 does not count for the text’s', () => {
  const short = text(15, { 5: [99, 0.9] });
  expect([...sinksOf(short, null)]).toEqual([0]);
  expect([...sinksOf(short, 1)]).toEqual([0, 5]);
  expect([...sinksOf(text(16, { 5: [99, 0.9] }), null)]).toEqual([0, 5]);
  expect(sinkMedian(text(16, { 0: [1000, 1], 1: [1000, 1], 2: [1000, 1] }), null)).toBe(1);
  expect(sinkMedian({ norm: Float32Array.from({ length: 17 }, (_, t) => t) }, null)).toBe(8.5);
  expect(sinkMedian(short, 7)).toBe(7);
});

test('a median of nothing marks nothing', () => {
  expect(isSink(5, 1, 0)).toBe(false);
  expect(isSink(Number.NaN, 1, 1)).toBe(false);
  expect(isSink(5, 1, null)).toBe(false);
});
