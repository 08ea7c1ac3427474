import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionError, ShapeMismatchError } from '../api/errors';
import { AS_STORED } from '../folders/dictionary-weights';
import { float16ToFloat32 } from '../formats/halves';
import { dictionaryBytes } from '../sizes';
import { type Made, made, piecesOf } from '../testing/dictionary-pieces';
import {
  computePair,
  int8Rows,
  integerShaping,
  integers,
  listOf,
  normals,
  type Pair,
  randomDictionary,
  testDevice,
  u32,
  worst,
} from '../testing/kernels';
import { ACTIVE, type Codes, type Compute, type Dictionary, type Slot, STATS, slice } from './compute';
import { uploadDictionaryParts } from './dictionary-upload';
import { layoutOf } from './layout';
import { Recorder } from './recorder';
import { createWebGpuCompute } from './webgpu';
import { GpuDictionary } from './weights';

let pair: Pair;
let recorder: Recorder;
beforeAll(async () => {
  pair = await computePair();
  recorder = new Recorder(pair.device);
});
afterEach(() => expect(pair.errors).toEqual([]));

/** A matrix as it lies on the GPU, read back: numbers without their padding, times their row's scale. */
async function numbersOn(dictionary: GpuDictionary, buffer: GPUBuffer): Promise<Float32Array> {
  const { d, width, quads, format } = dictionary;
  const [bytes] = await recorder.read([{ buffer, bytes: buffer.size }]);
  const { scales } = layoutOf(format, width, d, []);
  const scale = new Float32Array(bytes!, scales, width);
  const codes =
    format === 'int8'
      ? Float32Array.from(new Int8Array(bytes!, 0, scales))
      : float16ToFloat32(new Uint16Array(bytes!, 0, width * 4 * quads));
  const padded = codes.map((code, i) => code * scale[Math.floor(i / (4 * quads))]!);
  for (let f = 0; f < width; f++) for (let i = d; i < 4 * quads; i++) expect(padded[f * 4 * quads + i]).toBe(0);
  return padded.filter((_, i) => i % (4 * quads) < d);
}

/** The oracle's dictionary of exactly the numbers that lie on the GPU. */
async function twin(dictionary: Dictionary, { parts }: Made): Promise<Dictionary> {
  if (!(dictionary instanceof GpuDictionary)) throw new Error('not on the GPU');
  const [encoder, decoder] = [
    await numbersOn(dictionary, dictionary.encoder),
    await numbersOn(dictionary, dictionary.decoder),
  ];
  return pair.cpu.dictionary({
    ...parts,
    dtype: 'float32',
    encoderScale: null,
    decoderScale: null,
    encoder,
    decoder,
  });
}

describe('pieces arrive where they belong', () => {
  for (const [d, width, rowsEach] of [
    [8, 64, 16],
    [7, 45, 5], // nothing divides anything, odd edges
    [66, 33, 1],
    [65, 130, 200],
    [260, 96, 37],
  ] as const) {
    it(`float16, d ${d}, width ${width}, pieces of ${rowsEach} rows, either way round: to the bit`, async () => {
      for (const transposed of [
        [false, true],
        [true, false],
      ]) {
        const one = made(d, width, 3, 'f16', { transposed, rowsEach });
        const dictionary = (await pair.gpu.dictionaryFromParts(one.parts)) as GpuDictionary;
        expect(await numbersOn(dictionary, dictionary.encoder)).toEqual(float16ToFloat32(one.encoder));
        expect(await numbersOn(dictionary, dictionary.decoder)).toEqual(float16ToFloat32(one.decoder));
        pair.gpu.releaseDictionary(dictionary);
      }
    });

    it(`int8, d ${d}, width ${width}: codes as the oracle's but between two levels, in one pass and in many`, async () => {
      const one = made(d, width, 3, 'int8', { rowsEach });
      for (const scratch of [2 ** 20, Math.ceil(d / 4) * 8 * 10]) {
        const dictionary = await uploadDictionaryParts(pair.device, recorder, one.parts, {}, scratch);
        for (const [buffer, halves] of [
          [dictionary.encoder, one.encoder],
          [dictionary.decoder, one.decoder],
        ] as const) {
          const plain = float16ToFloat32(halves);
          const { codes, scales } = int8Rows(plain, d);
          const have = await numbersOn(dictionary, buffer);
          let apart = 0;
          have.forEach((x, i) => {
            const scale = scales[Math.floor(i / d)]!;
            const off = Math.abs(x / (scale || 1) - codes[i]!);
            if (off < 1e-3) return;
            apart++;
            expect(off).toBeCloseTo(1, 3);
            expect(Math.abs(Math.abs((plain[i]! / scale) % 1) - 0.5)).toBeLessThan(1e-4);
          });
          expect(apart).toBeLessThan(Math.max(2, have.length / 100));
        }
        pair.gpu.releaseDictionary(dictionary);
      }
    });
  }

  it('the bytes are told as they come, and all of them', async () => {
    const one = made(12, 40, 3, 'f16');
    const told: [number, number][] = [];
    await pair.gpu.dictionaryFromParts(one.parts, { onBytes: (...at) => told.push(at) });
    expect(told.at(-1)).toEqual([2 * 2 * 12 * 40, 2 * 2 * 12 * 40]);
    expect(told.map(([loaded]) => loaded)).toEqual(told.map(([loaded]) => loaded).toSorted((a, b) => a - b));
    // Ten features a pass: the transposed matrix is read four times.
    told.length = 0;
    await uploadDictionaryParts(
      pair.device,
      recorder,
      { ...one.parts, format: 'int8' },
      { onBytes: (...at) => told.push(at) },
      3 * 8 * 10,
    );
    expect(told.at(-1)).toEqual([5 * 2 * 12 * 40, 5 * 2 * 12 * 40]);
  });
});

describe('a row of int8', () => {
  it('of zeros, of subnormals, of negatives only, and one large number beside small ones', async () => {
    const rows = [
      [0, 0x8000, 0, 0, 0],
      [1, 2, 3, 0x8001, 0],
      [0xbc00, 0xc000, 0xc200, 0xc400, 0xc500], // -1 -2 -3 -4 -5
      [0x7bff, 0x3c00, 0x4000, 0x5c00, 0xfbff],
    ];
    const one = made(5, 4, 2, 'int8', { transposed: [false, false] });
    const matrix = Uint16Array.from(rows.flat());
    const parts = { ...one.parts, decoder: piecesOf(matrix, 4, 5, false, 3) };
    const dictionary = (await pair.gpu.dictionaryFromParts(parts)) as GpuDictionary;
    const have = await numbersOn(dictionary, dictionary.decoder);
    const { codes, scales } = int8Rows(float16ToFloat32(matrix), 5);
    expect(Array.from(codes.subarray(10))).toEqual([-25, -51, -76, -102, -127, 127, 0, 0, 0, -127]);
    expect(
      worst(
        have,
        Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / 5)]!),
        1e-9,
      ),
    ).toBeLessThan(1e-6);
    expect(have.subarray(0, 5).every((x) => x === 0)).toBe(true);
    expect(have[7]).toBeCloseTo(3 * 2 ** -24, 12);
  });

  it('rounds ties to even', () => {
    // Largest 127: the scale is 1.
    expect([...int8Rows(Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, -127), 8).codes]).toEqual([
      127, 0, 2, 2, 0, -2, -2, -127,
    ]);
  });
});

/** Codes of both, one edit of each kind, and one feature's pre-activation. */
async function computed(
  compute: Compute,
  dictionary: Dictionary,
  h: Float32Array,
  rows: number,
): Promise<Float32Array[]> {
  const x = compute.rows(rows, dictionary.d, h);
  const codes = compute.codes(dictionary, rows);
  compute.encode(dictionary, slice(x), rows, slice(codes));
  const pre = compute.rows(rows, 1);
  compute.preactivation(dictionary, x, 5, pre);
  const report = compute.rows(rows, 4);
  const slots: Slot[] = [
    { mode: 'add', feature: 3, strength: 2, on: 'active' },
    { mode: 'clamp', feature: 5, strength: 1.5, on: 'preactivation' },
    { mode: 'scale', feature: 7, strength: -0.5, on: 'active' },
  ];
  const programs = Array.from({ length: rows }, () => slots);
  compute.edit(dictionary, { h: slice(x), programs, codes: slice(codes), vectors: null, report: slice(report) });
  const row = compute.rows(2, dictionary.d);
  compute.decoderRow(dictionary, dictionary.width - 1, slice(row, 1));
  const near = compute.rows(1, dictionary.width);
  compute.similar(dictionary, 4, near);
  return compute.read([...listOf(codes as Codes), pre, x, report, row, near]);
}

describe('the kernels on a dictionary from pieces', () => {
  for (const format of ['f16', 'int8'] as const) {
    for (const [d, width, rows] of [
      [64, 512, 1],
      [65, 301, 3],
      [33, 130, 40],
      [256, 2048, 9],
    ] as const) {
      it(`${format}, d ${d}, width ${width}, ${rows} rows: as the oracle on the same numbers`, async () => {
        const one = made(d, width, 8, format, { rowsEach: 50 });
        const dictionary = await pair.gpu.dictionaryFromParts(one.parts);
        expect(dictionary.bytes).toBe(dictionaryBytes({ d, width }, format));
        const truth = await twin(dictionary, one);
        const h = normals(rows * d, 4);
        const [mine, theirs] = [
          await computed(pair.gpu, dictionary, h, rows),
          await computed(pair.cpu, truth, h, rows),
        ];
        expect(u32(mine[0]!)).toEqual(u32(theirs[0]!));
        const names = ['ids', 'values', 'stats', 'preactivation', 'edited', 'report', 'decoder row', 'similar'];
        for (let i = 1; i < names.length; i++) expect(worst(mine[i]!, theirs[i]!, 1), names[i]).toBeLessThan(3e-5);
        expect(mine[7]![4]).toBeCloseTo(1, 5);
        pair.gpu.releaseDictionary(dictionary);
      });
    }
  }

  for (const format of ['f16', 'int8'] as const) {
    it(`${format}, with scales and thresholds: each row by its scale once, in one pass and in many`, async () => {
      const [d, width, rows] = [33, 130, 11];
      const one = made(d, width, 8, format, { rowsEach: 50 });
      const plain = (await pair.gpu.dictionaryFromParts(one.parts)) as GpuDictionary;
      const shaping = integerShaping(width, 3, 1);
      const decoderScale = shaping.decoderScale!.map((x) => x || 4);
      const shaped = { ...one, parts: { ...one.parts, ...shaping, decoderScale } };
      const dictionary = await uploadDictionaryParts(pair.device, recorder, shaped.parts, {}, 9 * 8 * 10);
      for (const [part, scale] of [
        ['encoder', shaped.parts.encoderScale!],
        ['decoder', decoderScale],
      ] as const) {
        const [mine, theirs] = [await numbersOn(dictionary, dictionary[part]), await numbersOn(plain, plain[part])];
        expect(mine).toEqual(theirs.map((x, i) => x * scale[Math.floor(i / d)]!));
      }
      const h = normals(rows * d, 4, 3);
      const [mine, theirs] = [
        await computed(pair.gpu, dictionary, h, rows),
        await computed(pair.cpu, await twin(dictionary, shaped), h, rows),
      ];
      expect(u32(mine[0]!)).toEqual(u32(theirs[0]!));
      for (let i = 1; i < mine.length; i++) expect(worst(mine[i]!, theirs[i]!, 1), `${i}`).toBeLessThan(3e-5);
      expect(Math.max(...theirs[2]!.filter((_, i) => i % STATS === ACTIVE))).toBeGreaterThan(8);
    });
  }

  it('float16 in pieces is float16 in one', async () => {
    const one = made(31, 200, 5, 'f16');
    const whole = pair.gpu.dictionary({
      ...one.parts,
      dtype: 'float16',
      ...AS_STORED,
      encoder: one.encoder,
      decoder: one.decoder,
    });
    const h = normals(3 * 31, 2);
    expect(await computed(pair.gpu, await pair.gpu.dictionaryFromParts(one.parts), h, 3)).toEqual(
      await computed(pair.gpu, whole, h, 3),
    );
  });

  it('float32: one row, cosines, and rows of zeros', async () => {
    for (const [d, width] of [
      [1, 9],
      [5, 17],
      [130, 40],
    ] as const) {
      const weights = randomDictionary(d, width, 2, 'float32', d);
      weights.decoder.fill(0, 3 * d, 4 * d);
      for (let i = 0; i < d; i++) weights.decoder[6 * d + i] = -2 * weights.decoder[5 * d + i]!;
      const [mine, theirs] = await pair.both((compute) => {
        const dictionary = compute.dictionary(weights);
        const lists = [3, 5, width - 1].map((feature) => {
          const out = compute.rows(1, width);
          compute.similar(dictionary, feature, out);
          return out;
        });
        const row = compute.rows(3, d);
        compute.decoderRow(dictionary, 5, slice(row, 2));
        return [...lists, row];
      });
      for (let i = 0; i < 4; i++) expect(worst(mine[i]!, theirs[i]!)).toBeLessThan(1e-5);
      expect(mine[0]!.every((x) => x === 0)).toBe(true);
      expect([mine[1]![3], mine[1]![5], mine[1]![6]].map((x) => Math.round(x! * 1e5) / 1e5)).toEqual([0, 1, -1]);
      expect(mine[3]!.subarray(2 * d)).toEqual(weights.decoder.subarray(5 * d, 6 * d));
    }
  });

  it('what they refuse', async () => {
    for (const compute of [pair.gpu, pair.cpu]) {
      const dictionary = compute.dictionary(randomDictionary(4, 8, 2, 'float32'));
      for (const feature of [-1, 8, 0.5, Number.NaN]) {
        expect(() => compute.decoderRow(dictionary, feature, slice(compute.rows(1, 4)))).toThrow(InvalidOptionError);
        expect(() => compute.similar(dictionary, feature, compute.rows(1, 8))).toThrow(InvalidOptionError);
      }
      expect(() => compute.decoderRow(dictionary, 0, slice(compute.rows(1, 4), 1))).toThrow(ShapeMismatchError);
      expect(() => compute.similar(dictionary, 0, compute.rows(1, 7))).toThrow(ShapeMismatchError);
    }
  });
});

describe('sizes of real dictionaries', () => {
  it('width 131072, k 100: codes of whole numbers agree to the bit, rows in chunks of scratch', async () => {
    const one = made(8, 131072, 100, 'f16', { whole: true, rowsEach: 40000 });
    const compute = createWebGpuCompute(pair.device, 2 * 131072 * 4);
    const dictionary = await compute.dictionaryFromParts(one.parts);
    const truth = pair.cpu.dictionary({
      ...one.parts,
      dtype: 'float16',
      ...AS_STORED,
      encoder: one.encoder,
      decoder: one.decoder,
    });
    const h = integers(3 * 8, 3);
    const [mine, theirs] = [await computed(compute, dictionary, h, 3), await computed(pair.cpu, truth, h, 3)];
    expect(u32(mine[0]!)).toEqual(u32(theirs[0]!));
    expect(mine[1]).toEqual(theirs[1]);
    compute.releaseDictionary(dictionary);
    compute.destroy();
  });

  it('d 5120, k 100, int8, on a device with WebGPU’s least limits', async () => {
    const { device, errors } = await testDevice(true);
    const compute = createWebGpuCompute(device, 2 ** 20);
    const one = made(5120, 400, 100, 'int8', { rowsEach: 130 });
    const dictionary = (await compute.dictionaryFromParts(one.parts)) as GpuDictionary;
    const own = new Recorder(device);
    const { scales } = layoutOf('int8', 400, 5120, []);
    const matrices = (
      await own.read([dictionary.encoder, dictionary.decoder].map((buffer) => ({ buffer, bytes: buffer.size })))
    ).map((bytes) => {
      const [codes, scale] = [new Int8Array(bytes, 0, scales), new Float32Array(bytes, scales, 400)];
      return Float32Array.from(codes, (code, i) => code * scale[Math.floor(i / 5120)]!);
    });
    const truth = pair.cpu.dictionary({
      ...one.parts,
      dtype: 'float32',
      ...AS_STORED,
      encoder: matrices[0]!,
      decoder: matrices[1]!,
    });
    const h = normals(3 * 5120, 4);
    const [mine, theirs] = [await computed(compute, dictionary, h, 3), await computed(pair.cpu, truth, h, 3)];
    const scale = Math.max(...theirs[1]!);
    expect(worst(mine[1]!, theirs[1]!, scale)).toBeLessThan(1e-5);
    expect(u32(mine[0]!).filter((id, i) => id === u32(theirs[0]!)[i]).length).toBeGreaterThan(290);
    expect(errors).toEqual([]);
    own.destroy();
    device.destroy();
  });

  it('thousands of rows', async () => {
    const { device, errors } = await testDevice(true);
    const compute = createWebGpuCompute(device, 2 ** 18);
    const one = made(8, 512, 4, 'int8', { whole: true, rowsEach: 100 });
    const dictionary = await compute.dictionaryFromParts(one.parts);
    const rows = 2100;
    const codes = compute.codes(dictionary, rows);
    const x = compute.rows(rows, 8, integers(rows * 8, 5));
    compute.encode(dictionary, slice(x), rows, slice(codes));
    const [all] = await compute.read([codes.ids]);
    // The last rows alone give the same codes as among the thousands.
    const few = compute.codes(dictionary, 3);
    compute.encode(dictionary, slice(x, rows - 3), 3, slice(few));
    const [last] = await compute.read([few.ids]);
    expect(u32(all!).subarray((rows - 3) * 4)).toEqual(u32(last!));
    expect(errors).toEqual([]);
    device.destroy();
  });
});
