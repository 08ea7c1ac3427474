import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import {
  computePair,
  integerDictionary,
  integers,
  listOf,
  normals,
  type Pair,
  randomDictionary,
  u32,
  worst,
} from '../testing/kernels';
import { ACTIVE, STATS, slice } from './compute';
import { createWebGpuCompute } from './webgpu';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

/** Ids, values and stats of both implementations. */
async function encoded(
  weights: DictionaryWeights,
  h: Float32Array,
  hRow = 0,
  outRow = 0,
): Promise<[Float32Array[], Float32Array[]]> {
  const rows = h.length / weights.d - hRow;
  return pair.both((compute) => {
    const dictionary = compute.dictionary(weights);
    const codes = compute.codes(dictionary, outRow + rows);
    const x = compute.rows(hRow + rows, weights.d, h);
    compute.encode(dictionary, slice(x, hRow), rows, slice(codes, outRow));
    compute.release(x);
    compute.releaseDictionary(dictionary);
    return listOf(codes);
  });
}

/** Equal to the bit: only for whole numbers, whose sums are exact. */
async function agreeExactly(
  weights: DictionaryWeights,
  h: Float32Array,
  hRow = 0,
  outRow = 0,
): Promise<Float32Array[]> {
  const [gpu, cpu] = await encoded(weights, h, hRow, outRow);
  expect(u32(gpu[0]!)).toEqual(u32(cpu[0]!));
  expect(gpu[1]!).toEqual(cpu[1]!);
  expect(worst(gpu[2]!, cpu[2]!)).toBeLessThan(1e-6);
  return cpu;
}

describe('codes of whole numbers agree to the bit', () => {
  const halves = { 512: 'float16', 2048: 'float32', 3072: 'float16' } as const;
  for (const width of [512, 2048, 3072] as const) {
    for (const k of [1, 16, 32, 50, 100, 256]) {
      it(`width ${width}, k ${k}, rows 1, 2, 7, 64`, async () => {
        for (const rows of [1, 2, 7, 64])
          await agreeExactly(integerDictionary(17, width, k, halves[width], k), integers(rows * 17, rows));
      });
    }
  }

  it('width 32768, d 64, every k', async () => {
    for (const k of [1, 16, 32, 50, 100, 256])
      await agreeExactly(integerDictionary(64, 32768, k, k % 3 ? 'float32' : 'float16', k), integers(2 * 64, k));
    for (const rows of [1, 7, 64])
      await agreeExactly(integerDictionary(64, 32768, 50, 'float16', rows), integers(rows * 64, rows));
  });

  for (const dtype of ['float32', 'float16'] as const) {
    it(`${dtype}: lengths that divide nothing, rows in the middle`, async () => {
      for (const d of [1, 2, 3, 4, 65, 257]) {
        for (const rows of dtype === 'float32' ? [1, 3, 9, 33] : [2, 5, 17, 65])
          await agreeExactly(integerDictionary(d, 101, 7, dtype, d), integers((rows + 2) * d, rows), 2, 3);
      }
    });
  }
});

describe('codes of random numbers', () => {
  for (const dtype of ['float32', 'float16'] as const) {
    for (const [d, rows] of [
      [256, 1],
      [65, 2],
      [257, 7],
      [256, 64],
    ] as const) {
      it(`${dtype}, d ${d}, ${rows} rows: equal within float32, other ids only in ties`, async () => {
        const weights = randomDictionary(d, 2048, 32, dtype);
        const [gpu, cpu] = await encoded(weights, normals(rows * d, 5));
        const scale = cpu[1]!.reduce((a, b) => Math.max(a, b));
        expect(scale).toBeGreaterThan(0);
        expect(worst(gpu[1]!, cpu[1]!, scale)).toBeLessThan(1e-5);
        expect(worst(gpu[2]!, cpu[2]!)).toBeLessThan(1e-4);
        const [a, b] = [u32(gpu[0]!), u32(cpu[0]!)];
        const values = cpu[1]!;
        for (let i = 0; i < a.length; i++) {
          const gap = Math.min(
            ...[i - 1, i + 1].map((j) => Math.abs((values[j] ?? Number.POSITIVE_INFINITY) - values[i]!)),
          );
          if (a[i] !== b[i]) expect(gap).toBeLessThan(1e-5 * scale);
        }
      });
    }
  }
});

describe('rows and slots that hold nothing', () => {
  it('fewer positives than k leave slots unused', async () => {
    const weights = integerDictionary(3, 2048, 50, 'float32');
    weights.encoderBias.fill(-10);
    const [ids] = await agreeExactly(weights, integers(3 * 3, 6));
    expect(u32(ids!)).toContain(0xffffffff);
    weights.encoderBias.fill(-1000);
    const none = await agreeExactly(weights, integers(3 * 3, 6));
    expect(u32(none[0]!).every((id) => id === 0xffffffff)).toBe(true);
  });

  for (const rows of [3, 12]) {
    it(`NaN, infinity and overflow are flagged, their neighbours untouched (${rows} rows)`, async () => {
      const h = integers(rows * 8, 2);
      h[0] = Number.NaN;
      h[8 + 5] = Number.NEGATIVE_INFINITY;
      const weights = integerDictionary(8, 600, 16, 'float32');
      if (rows > 3) h.fill(3e38, 3 * 8, 4 * 8);
      const cpu = await agreeExactly(weights, h);
      const flags = Array.from({ length: rows }, (_, r) => cpu[2]![STATS * r + ACTIVE]! < 0);
      expect(flags).toEqual(Array.from({ length: rows }, (_, r) => r < 2 || r === 3));
      expect(u32(cpu[0]!).subarray(0, 16)).toEqual(new Uint32Array(16).fill(0xffffffff));
    });
  }

  it('a NaN in the weights is flagged', async () => {
    for (const dtype of ['float32', 'float16'] as const) {
      const weights = integerDictionary(8, 600, 16, dtype);
      weights.encoder[77 * 8 + 3] = dtype === 'float32' ? Number.NaN : 0x7e00;
      const [gpu] = await encoded(weights, integers(8, 2, 2).fill(1));
      expect([...gpu[2]!]).toEqual([0, 0, 0, -1, 0]);
    }
  });

  it('infinity without any NaN is flagged, in h and from overflow', async () => {
    for (const dtype of ['float32', 'float16'] as const) {
      const weights = integerDictionary(1, 600, 16, dtype);
      weights.encoder.fill(dtype === 'float32' ? 2 : 0x4000);
      const [gpu] = await encoded(weights, Float32Array.of(Number.POSITIVE_INFINITY, 3e38, -3e38, 1));
      expect([...gpu[2]!].filter((_, i) => i % STATS === ACTIVE)).toEqual([-1, -1, -1, 16]);
    }
  });

  it('denormal pre-activations may flush, and nothing else happens', async () => {
    const weights = integerDictionary(4, 512, 16, 'float32');
    weights.encoderBias.fill(-1);
    weights.encoderBias[5] = 3;
    weights.encoderBias[9] = 2 ** -140;
    const [gpu] = await encoded(weights, new Float32Array(4));
    const ids = u32(gpu[0]!);
    expect(ids[0]).toBe(5);
    expect([9, 0xffffffff]).toContain(ids[1]);
    expect(ids.subarray(2).every((id) => id === 0xffffffff)).toBe(true);
  });
});

it('encodes long texts in chunks of rows', async () => {
  const gpu = createWebGpuCompute(pair.device, 512 * 4 * 10);
  const weights = integerDictionary(4, 512, 4, 'float32');
  const [whole, chunked] = [pair.gpu, gpu].map((compute) => {
    const dictionary = compute.dictionary(weights);
    const codes = compute.codes(dictionary, 25);
    compute.encode(dictionary, slice(compute.rows(25, 4, integers(100, 1))), 25, slice(codes));
    return listOf(codes);
  });
  expect(gpu.takeDispatches()).toBe(9);
  const again = await gpu.read(chunked!);
  expect(again).toEqual(await pair.gpu.read(whole!));
  expect(again[1]!.subarray(96).some((v) => v > 0)).toBe(true);
});

it('is three dispatches', async () => {
  pair.gpu.takeDispatches();
  await agreeExactly(integerDictionary(16, 512, 16, 'float16'), integers(16, 1));
  expect(pair.gpu.takeDispatches()).toBe(3);
});

it('scatter and preactivation agree', async () => {
  for (const dtype of ['float32', 'float16'] as const) {
    const weights = randomDictionary(65, 600, 16, dtype);
    const [gpu, cpu] = await pair.both((compute) => {
      const dictionary = compute.dictionary(weights);
      const codes = compute.codes(dictionary, 9);
      const h = compute.rows(9, 65, normals(9 * 65, 3));
      compute.encode(dictionary, slice(h), 9, slice(codes));
      const dense = compute.rows(5, 600, new Float32Array(3000).fill(7));
      compute.scatter(dictionary, slice(codes, 2), 4, dense);
      const feature = compute.rows(9, 1);
      compute.preactivation(dictionary, h, 123, feature);
      return [dense, feature];
    });
    expect(cpu[0]!.subarray(2400).every((v) => v === 7)).toBe(true);
    expect(cpu[0]!.filter((v) => v > 0 && v !== 7).length).toBeGreaterThan(20);
    expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-5);
    expect(cpu[1]!.some((v) => v > 0) && cpu[1]!.some((v) => v === 0)).toBe(true);
    expect(worst(gpu[1]!, cpu[1]!)).toBeLessThan(1e-5);
  }
});
