import { expect, test } from 'vitest';
import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import { createWasmCompute } from '../kernels/wasm';
import { wasmMemory, wasmRunBytes } from '../sizes';
import { SMALL } from '../testing/reference';
import { Batch } from './batch';
import { checkBatch, fittingContext, fittingOnWasm, rowsThatFit } from './context';
import type { Model } from './model';
import { Scope } from './scope';
import type { RowSpec, Setup } from './setup';

/** Qwen3-1.7B: 28 layers, 8 heads of keys of 128 numbers. */
const LARGE: DecoderConfig = {
  ...SMALL,
  d: 2048,
  layers: 28,
  heads: 16,
  kvHeads: 8,
  headDim: 128,
  contextLength: 32_768,
};
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
  expect(sentence).toBe(
    'Texts have at most 4,608 of the model’s 32,768 tokens here: keys and values take 224 KiB a token, and 1,024 MiB are set aside.',
  );
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

test('one text that fits may always go on, and of several as many tokens as the room is for', () => {
  for (const activations of ['float32', 'float16'] as const) {
    const shape = { ...LARGE, activations };
    expect(() => checkBatch(shape, 1, fittingContext(LARGE, limits(2 ** 30), activations).length)).not.toThrow();
    const rows = rowsThatFit(shape, 1000);
    const token = 28 * 2 * 8 * 128 * (activations === 'float32' ? 4 : 2);
    expect(rows * 1000 * token).toBeLessThanOrEqual(2 ** 31);
    expect((rows + 1) * 1000 * token).toBeGreaterThan(2 ** 31);
    expect(() => checkBatch(shape, rows - 1, 1000)).not.toThrow();
    expect(() => checkBatch(shape, rows, 1000)).toThrow(InvalidOptionError);
  }
  // Three variants and two shadows of a long text: the number of tokens that the error names does fit.
  expect(() => checkBatch(LARGE, 5, 4608)).toThrow('6 rows of up to 4,608 tokens run here');
  expect(() => checkBatch(LARGE, 5, 4608)).toThrow(
    'need 6,048 MiB of keys and values; 2,048 MiB are set aside. Ask for at most 1,560 tokens',
  );
  expect(() => checkBatch(LARGE, 5, 1560)).not.toThrow();
  expect(() => checkBatch(LARGE, 5, 1561)).toThrow(InvalidOptionError);
});

/** Qwen3-0.6B, whose weights leave half a gigabyte of WebAssembly's memory. */
const SIX: DecoderConfig = {
  ...LARGE,
  ...{ d: 1024, intermediate: 3072, vocabularySize: 151_936, contextLength: 40_960 },
};

test('on WebAssembly a text has what the weights leave, and it is said', () => {
  expect(fittingOnWasm(SMALL, [])).toEqual({ length: 8, sentence: null });
  expect(fittingOnWasm(SIX, [13])).toEqual({
    length: 1920,
    sentence:
      'Texts have at most 1,920 of the model’s 40,960 tokens here: keys and values take 224 KiB a token, and beside the weights there is room for no more in WebAssembly’s memory.',
  });
  expect(fittingOnWasm(SIX, []).length).toBe(896);
  const small = { ...SIX, vocabularySize: 1000, layers: 14 };
  expect(fittingOnWasm(small, []).sentence).toContain('1,024 MiB are set aside');
  expect(() => fittingOnWasm({ ...SIX, intermediate: 4400 }, [])).toThrow(UnsupportedModelError);
});

test('on WebAssembly rows that run at once fit into what is left, where the budget alone would let them through', () => {
  const room = { bytes: 2 ** 32 - wasmMemory({ ...SIX, contextLength: 1 }, { sites: [13] }).addresses, layers: 14 };
  // Four rows of six hundred tokens: 550 MB with the model cut in the middle.
  expect(wasmRunBytes(SIX, 14, 4 * 600)).toBe(550_502_400);
  expect(() => checkBatch(SIX, 4, 600)).not.toThrow();
  expect(() => checkBatch(SIX, 4, 600, room)).toThrow(InvalidOptionError);
  expect(() => checkBatch(SIX, 4, 600, room)).toThrow(
    '4 rows of up to 600 tokens, shadows among them, need 525 MiB of WebAssembly’s memory for keys and values, which are there twice during a run; it has 444 MiB left beside the weights. There is room for 3 rows of that length, or for 506 tokens in each',
  );
  expect(rowsThatFit(SIX, 600, room)).toBe(3);
  expect(() => checkBatch(SIX, 3, 600, room)).not.toThrow();
  expect(() => checkBatch(SIX, 4, 506, room)).not.toThrow();
  expect(() => checkBatch(SIX, 4, 507, room)).toThrow(InvalidOptionError);
  // The other budget, of the machine's memory, holds there too.
  expect(() => checkBatch(SIX, 40, 600, { bytes: 2 ** 33, layers: 1 })).toThrow(/are set aside/);
});

test('a batch that has no room takes none', () => {
  const compute = createWasmCompute();
  const taken: number[] = [];
  const scope = new Scope({
    ...compute,
    rows(rows, cols) {
      taken.push(rows * cols);
      return compute.rows(1, 1);
    },
  });
  const config = { ...LARGE, activations: 'float32' } as Model['config'];
  const setup = { upload: () => ({}) } as unknown as Setup;
  const batch = (rows: number) =>
    new Batch(
      scope,
      { config } as Model,
      [],
      setup,
      Array<RowSpec>(rows).fill({ plan: { gated: false } } as RowSpec),
      4608,
    );
  expect(() => batch(5)).toThrow(InvalidOptionError);
  expect(taken).toEqual([]);
  batch(1);
  expect(taken.length).toBeGreaterThan(0);
});
