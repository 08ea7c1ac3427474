import { expect, it } from 'vitest';
import { InvalidEditError, InvalidOptionError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { integerDictionary, integers, listOf, u32 } from '../testing/kernels';
import { type GateSlot, type Gates, type Slot, slice } from './compute';
import type { DictionaryParts, MatrixPieces } from './dictionary-parts';
import { cpuArray, createWasmCompute } from './wasm';

const compute = createWasmCompute();

it('keeps the bits of u32 rows, copies within one matrix and from another', async () => {
  const rows = compute.rows(4, 2, Uint32Array.of(1, 0xffffffff, 3, 4, 5, 6, 7, 8));
  compute.copy(slice(rows), slice(rows, 2), 2);
  compute.copy(slice(compute.rows(1, 2, Uint32Array.of(9, 10))), slice(rows, 1), 1);
  const [read] = await compute.read([rows]);
  expect([...u32(read!)]).toEqual([1, 0xffffffff, 9, 10, 1, 0xffffffff, 3, 4]);
});

it('reads a copy, not the live array', async () => {
  const rows = compute.rows(1, 2, Float32Array.of(1, 2));
  const [before] = await compute.read([rows]);
  cpuArray(rows)[0] = 5;
  expect([...before!]).toEqual([1, 2]);
});

it('says how much memory a kept dictionary needs that the host has not', async () => {
  // More numbers than an array may have.
  const [d, width] = [8, 2 ** 34];
  const matrix: MatrixPieces = { transposed: false, pieces: [{ rows: width, read: async () => new Uint8Array() }] };
  const vector = (length: number) => ({ length }) as Float32Array;
  const parts: DictionaryParts = {
    ...{ d, width, k: 1, format: 'f16', activation: 'topk', encoderScale: null, decoderScale: null, threshold: null },
    ...{ encoder: matrix, decoder: matrix },
    ...{ encoderBias: vector(width), decoderBias: vector(d), center: vector(d) },
  };
  const reading = compute.dictionaryFromParts(parts);
  await expect(reading).rejects.toThrow(UnsupportedModelError);
  await expect(reading).rejects.toThrow(/^The dictionary of 17,179,869,184 latents needs 1649\.27 GB of memory/);
});

it('encodes halves as it encodes their float32 values, at any row offset', async () => {
  const h = compute.rows(6, 5, integers(30, 7));
  const results = (['float32', 'float16'] as const).map((dtype) => {
    const dictionary = compute.dictionary(integerDictionary(5, 40, 6, dtype));
    const codes = compute.codes(dictionary, 7);
    compute.encode(dictionary, slice(h, 1), 5, slice(codes, 2));
    return codes;
  });
  const [a, b] = [await compute.read(listOf(results[0]!)), await compute.read(listOf(results[1]!))];
  expect(b).toEqual(a);
  expect(a[1]!.subarray(0, 12).every((v) => v === 0)).toBe(true);
  expect(a[1]!.subarray(12).some((v) => v > 0)).toBe(true);
});

it('computes a slice of a matrix as a matrix of its own, and touches nothing else', async () => {
  const dictionary = compute.dictionary(integerDictionary(5, 40, 6, 'float32'));
  const residuals = integers(15, 7);
  const programs: Slot[][] = [[], [{ mode: 'scale', feature: 3, strength: 2, on: 'preactivation' }]];
  const directions = compute.rows(2, 5, integers(10, 3));
  /** All results of rows 2 to 4 of h. They lie from row `from` on in matrices of nine rows. */
  const results = async (from: number) => {
    const [h, codes] = [compute.rows(9, 5), compute.codes(dictionary, 9)];
    const [report, row] = [compute.rows(9, 4), compute.rows(9, 5)];
    const dense = compute.rows(3, 40);
    compute.copy(slice(compute.rows(3, 5, residuals)), slice(h, from), 3);
    compute.encode(dictionary, slice(h, from), 3, slice(codes, from));
    compute.scatter(dictionary, slice(codes, from), 3, dense);
    const at = { h: slice(h, from), report: slice(report, from) };
    compute.edit(dictionary, { ...at, programs, codes: slice(codes, from), vectors: null });
    compute.match({ ...at, moves: [{ row: 2, source: from + 1, direction: 1 }], directions, source: report });
    compute.decoderRow(dictionary, 8, slice(row, from));
    const [all, ...parts] = await compute.read([dense, h, ...listOf(codes), report, row]);
    const own = parts.map((part) => part.subarray((from * part.length) / 9, ((from + 3) * part.length) / 9));
    const sum = (arrays: Float32Array[]) => arrays.flatMap((array) => [...array]).reduce((x, y) => x + Math.abs(y), 0);
    expect(sum(parts)).toBe(sum(own));
    return [all, ...own];
  };
  expect(await results(4)).toEqual(await results(0));
});

it('refuses what does not fit with named errors', () => {
  const dictionary = compute.dictionary(integerDictionary(5, 40, 6, 'float32'));
  const codes = compute.codes(dictionary, 2);
  const h = compute.rows(2, 5);
  expect(() => compute.encode(dictionary, slice(h, 1), 2, slice(codes))).toThrow(ShapeMismatchError);
  expect(() => compute.encode(dictionary, slice(compute.rows(2, 4)), 1, slice(codes))).toThrow(ShapeMismatchError);
  expect(() => compute.rows(2, 2, new Float32Array(3))).toThrow(ShapeMismatchError);
  expect(() => compute.dictionary({ ...integerDictionary(5, 40, 6, 'float32'), k: 1025 })).toThrow(
    UnsupportedModelError,
  );
  expect(() => compute.dictionary({ ...integerDictionary(5, 40, 6, 'float32'), center: new Float32Array(4) })).toThrow(
    ShapeMismatchError,
  );
  for (const name of ['encoderScale', 'decoderScale', 'threshold'])
    expect(() =>
      compute.dictionary({ ...integerDictionary(5, 40, 6, 'float32'), [name]: new Float32Array(39) }),
    ).toThrow(ShapeMismatchError);
  expect(() => compute.topk(h, 1, 1025, codes.ids, codes.values)).toThrow(InvalidOptionError);
  expect(() => compute.logsumexp(h, 1, Uint32Array.of(5), compute.rows(1, 2))).toThrow(InvalidOptionError);
  const slot = { mode: 'add', feature: 40, strength: 1, on: 'active' } as const;
  const rest = { codes: slice(codes), vectors: null, report: slice(compute.rows(1, 4)) };
  const edit = (slots: Slot[]) => compute.edit(dictionary, { h: slice(h), programs: [slots], ...rest });
  expect(() => edit([slot])).toThrow(InvalidEditError);
  expect(() => edit([{ ...slot, feature: 0, vector: 0 }])).toThrow(InvalidEditError);
  expect(() => edit([{ ...slot, feature: 0, strength: Number.NaN }])).toThrow(InvalidEditError);
});

it('refuses gates and flags that do not fit', () => {
  const dictionary = compute.dictionary(integerDictionary(5, 40, 6, 'float32'));
  const codes = compute.codes(dictionary, 4);
  const flags = compute.rows(5, 2);
  const slot: GateSlot = { feature: 3, above: 2, reach: 'token', column: 1 };
  const gate = (change: Partial<Gates>, bounds: Partial<GateSlot> = {}) =>
    compute.gate(dictionary, {
      gates: [{ ...slot, ...bounds }],
      sequences: 1,
      begins: Array(4).fill(false),
      h: slice(compute.rows(4, 5)),
      codes: slice(codes),
      flags: slice(flags, 1),
      before: 0,
      ...change,
    });
  expect(() => gate({})).not.toThrow();
  expect(() => gate({ sequences: 4, flags: slice(flags), before: 0 })).not.toThrow();
  expect(() => gate({}, { feature: 40 })).toThrow(InvalidOptionError);
  for (const bounds of [{ column: 2 }, { column: -1 }, { above: -1 }, { above: Number.NaN }, { above: 1e39 }])
    expect(() => gate({}, bounds), JSON.stringify(bounds)).toThrow(InvalidEditError);
  for (const until of [3, -1, Number.NaN]) expect(() => gate({}, { until })).toThrow(InvalidEditError);
  expect(() => gate({ sequences: 3 })).toThrow(ShapeMismatchError);
  expect(() => gate({ sequences: 0 })).toThrow(ShapeMismatchError);
  expect(() => gate({ flags: slice(flags, 2) })).toThrow(ShapeMismatchError);
  expect(() => gate({ codes: slice(codes, 1) })).toThrow(ShapeMismatchError);
  for (const h of [compute.rows(3, 5), compute.rows(4, 6)])
    expect(() => gate({ h: slice(h) })).toThrow(ShapeMismatchError);
  expect(() => gate({ before: 5 })).toThrow(ShapeMismatchError);
  for (const before of [1, 4]) expect(() => gate({ before })).toThrow('lie where others are written');
  expect(() => gate({ sequences: 2, before: 0 })).toThrow('lie where others are written');

  const h = slice(compute.rows(1, 5));
  const rest = { h, codes: slice(codes), vectors: null, report: slice(compute.rows(1, 4)) };
  const gated: Slot = { mode: 'add', feature: 0, strength: 1, on: 'active', gate: 2 };
  expect(() => compute.edit(dictionary, { ...rest, programs: [[gated]] })).toThrow(InvalidEditError);
  const edit = (from: number, slots: Slot[]) => () =>
    compute.edit(dictionary, { ...rest, programs: [slots], flags: slice(flags, from) });
  expect(edit(0, [gated])).toThrow(InvalidEditError);
  expect(edit(5, [])).toThrow(ShapeMismatchError);
  expect(edit(4, [{ ...gated, gate: 1 }])).not.toThrow();
});
