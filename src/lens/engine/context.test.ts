import { expect, test } from 'vitest';
import type { QwenConfig } from '../artifacts/config';
import { UnsupportedModelError } from '../errors';
import { SMALL } from '../graph/reference.testing';
import { fittingContext } from './context';

/** Qwen3-1.7B: 28 layers, 8 heads of keys of 128 numbers. */
const LARGE: QwenConfig = { ...SMALL, d: 2048, layers: 28, heads: 16, kvHeads: 8, headDim: 128, contextLength: 32_768 };
const limits = (bytes: number) => ({ maxBufferSize: 4 * bytes, maxStorageBufferBindingSize: bytes });

test('a small model keeps its context', () => {
  expect(fittingContext(SMALL, limits(2 ** 27), 'float32')).toEqual({ length: 8, sentence: null });
});

test('keys and values, and the tables, fit into the budget; half floats give twice the tokens', () => {
  const { length, sentence } = fittingContext(LARGE, limits(2 ** 30), 'float32');
  const bytes = (tokens: number, size: number) => tokens * size * (28 * 2 * 8 * 128 + 128);
  expect(length % 128).toBe(0);
  expect(bytes(length, 4)).toBeLessThanOrEqual(2 ** 30);
  expect(bytes(length + 128, 4)).toBeGreaterThan(2 ** 30);
  expect(length).toBe(4608);
  expect(sentence).toBe('Texts have at most 4,608 of the model’s 32,768 tokens here: keys and values take 224 KiB a token, and 1,024 MiB are set aside.');
  const half = fittingContext(LARGE, limits(2 ** 30), 'float16').length;
  expect(bytes(half, 2)).toBeLessThanOrEqual(2 ** 30);
  expect(half).toBe(9216);
});

test('no layer’s buffer is above what the device binds', () => {
  const { length, sentence } = fittingContext(LARGE, limits(2 ** 23), 'float32');
  expect(length).toBe(2048);
  expect(length * 8 * 128 * 4).toBeLessThanOrEqual(2 ** 23);
  expect(sentence).toContain('one buffer of this GPU holds 8 MiB');
});

test('a device on which nothing fits is refused', () => {
  expect(() => fittingContext(LARGE, limits(2 ** 10), 'float32')).toThrow(UnsupportedModelError);
});
