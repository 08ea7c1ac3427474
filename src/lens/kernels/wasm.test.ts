import { expect, it } from 'vitest';
import { InvalidEditError, InvalidOptionError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { integerDictionary, integers, listOf, u32 } from '../testing/kernels';
import type { Slot } from './compute';
import { cpuArray, createWasmCompute } from './wasm';

const compute = createWasmCompute();

it('keeps the bits of u32 rows, copies within one matrix and from another', async () => {
  const rows = compute.rows(4, 2, Uint32Array.of(1, 0xffffffff, 3, 4, 5, 6, 7, 8));
  compute.copy(rows, 0, rows, 2, 2);
  compute.copy(compute.rows(1, 2, Uint32Array.of(9, 10)), 0, rows, 1, 1);
  const [read] = await compute.read([rows]);
  expect([...u32(read!)]).toEqual([1, 0xffffffff, 9, 10, 1, 0xffffffff, 3, 4]);
});

it('reads a copy, not the live array', async () => {
  const rows = compute.rows(1, 2, Float32Array.of(1, 2));
  const [before] = await compute.read([rows]);
  cpuArray(rows)[0] = 5;
  expect([...before!]).toEqual([1, 2]);
});

it('encodes halves as it encodes their float32 values, at any row offset', async () => {
  const h = compute.rows(6, 5, integers(30, 7));
  const results = (['float32', 'float16'] as const).map((dtype) => {
    const dictionary = compute.dictionary(integerDictionary(5, 40, 6, dtype));
    const codes = compute.codes(dictionary, 7);
    compute.encode(dictionary, h, 1, 5, codes, 2);
    return codes;
  });
  const [a, b] = [await compute.read(listOf(results[0]!)), await compute.read(listOf(results[1]!))];
  expect(b).toEqual(a);
  expect(a[1]!.subarray(0, 12).every((v) => v === 0)).toBe(true);
  expect(a[1]!.subarray(12).some((v) => v > 0)).toBe(true);
});

it('refuses what does not fit with named errors', () => {
  const dictionary = compute.dictionary(integerDictionary(5, 40, 6, 'float32'));
  const codes = compute.codes(dictionary, 2);
  const h = compute.rows(2, 5);
  expect(() => compute.encode(dictionary, h, 1, 2, codes, 0)).toThrow(ShapeMismatchError);
  expect(() => compute.encode(dictionary, compute.rows(2, 4), 0, 1, codes, 0)).toThrow(ShapeMismatchError);
  expect(() => compute.rows(2, 2, new Float32Array(3))).toThrow(ShapeMismatchError);
  expect(() => compute.dictionary({ ...integerDictionary(5, 40, 6, 'float32'), k: 1025 })).toThrow(
    UnsupportedModelError,
  );
  expect(() => compute.dictionary({ ...integerDictionary(5, 40, 6, 'float32'), center: new Float32Array(4) })).toThrow(
    ShapeMismatchError,
  );
  expect(() => compute.topk(h, 1, 1025, codes.ids, codes.values)).toThrow(InvalidOptionError);
  expect(() => compute.logsumexp(h, 1, Uint32Array.of(5), compute.rows(1, 2))).toThrow(InvalidOptionError);
  const slot = { mode: 'add', feature: 40, strength: 1, on: 'code' } as const;
  const edit = (slots: Slot[]) => compute.edit(dictionary, h, 0, [slots], codes, 0, null, compute.rows(1, 4), 0);
  expect(() => edit([slot])).toThrow(InvalidEditError);
  expect(() => edit([{ ...slot, feature: 0, vector: 0 }])).toThrow(InvalidEditError);
  expect(() => edit([{ ...slot, feature: 0, strength: Number.NaN }])).toThrow(InvalidEditError);
});
