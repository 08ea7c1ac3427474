import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import {
  computePair,
  integerDictionary,
  integerShaping,
  integers,
  listOf,
  type Pair,
  u32,
  worst,
} from '../testing/kernels';
import { ACTIVE, type Compute, type GateSlot, type Slot, STATS, slice } from './compute';
import { createWebGpuCompute } from './webgpu';

/** Dictionaries whose latents are all that are above a threshold, with rows scaled. Whole numbers: sums are exact, and
 *  pre-activations meet their thresholds. */

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

const K = 8;
const weightsOf = (d: number, width: number, dtype: DictionaryWeights['dtype']): DictionaryWeights => ({
  ...integerDictionary(d, width, K, dtype),
  ...integerShaping(width, 9),
});

/** Ids, values, stats, the dense latents, and feature 1's pre-activations of both, bare and above its threshold. */
const encoded = (weights: DictionaryWeights, h: Float32Array) =>
  pair.both((compute) => {
    const rows = h.length / weights.d;
    const dictionary = compute.dictionary(weights);
    const codes = compute.codes(dictionary, rows + 2);
    const x = compute.rows(rows, weights.d, h);
    compute.encode(dictionary, slice(x), rows, slice(codes, 2));
    const [dense, bare, cut] = [compute.rows(rows, weights.width), compute.rows(rows, 1), compute.rows(rows, 1)];
    compute.scatter(dictionary, slice(codes, 2), rows, dense);
    compute.preactivation(dictionary, x, 1, bare);
    compute.aboveThreshold(dictionary, x, 1, cut);
    return [...listOf(codes), dense, bare, cut];
  });

const activeOf = (stats: Float32Array) => [...stats].filter((_, i) => i % STATS === ACTIVE);

describe('latents above their thresholds', () => {
  for (const [dtype, d, width, rows] of [
    ['float32', 5, 101, 3],
    ['float16', 5, 101, 20],
    ['float16', 17, 1030, 6],
  ] as const) {
    it(`${dtype}, d ${d}, width ${width}, ${rows} rows: as the oracle, with the error of all that are active`, async () => {
      const h = integers(rows * d, 5);
      // At a residual of zeros few are active: its codes are all that there is.
      h.fill(0, 0, d);
      const weights = weightsOf(d, width, dtype);
      weights.encoderBias.fill(-5).set([1, 2, 3, 1], 4);
      weights.threshold!.set([1, 1, 2, 0], 4);
      const [gpu, cpu] = await encoded(weights, h);
      expect(u32(gpu[0]!)).toEqual(u32(cpu[0]!));
      for (const part of [1, 3, 4, 5]) expect(gpu[part]).toEqual(cpu[part]);
      expect(worst(gpu[2]!, cpu[2]!)).toBeLessThan(1e-6);
      // Feature 4's pre-activation is its threshold.
      expect([...u32(cpu[0]!).subarray(2 * K, 3 * K)].filter((id) => id !== 0xffffffff)).toEqual([6, 5, 7]);
      expect(activeOf(cpu[2]!).slice(2, 3)).toEqual([3]);
      expect(Math.max(...activeOf(cpu[2]!))).toBeGreaterThan(K);
    });
  }

  it('their error is not that of the largest alone', async () => {
    const weights = weightsOf(5, 101, 'float32');
    const h = integers(4 * 5, 5);
    const [all] = await encoded(weights, h);
    const [some] = await encoded({ ...weights, activation: 'topk' }, h);
    expect(some.slice(0, 2)).toEqual(all.slice(0, 2));
    expect(activeOf(some[2]!).slice(2)).toEqual([K, K, K, K]);
    for (let row = 2; row < 6; row++) expect(some[2]![row * STATS]).not.toBe(all[2]![row * STATS]);
  });

  it('in chunks of rows', async () => {
    const few = createWebGpuCompute(pair.device, 101 * 4 * 3);
    const [whole, chunked] = [pair.gpu, few].map((compute) => {
      const dictionary = compute.dictionary(weightsOf(5, 101, 'float16'));
      const codes = compute.codes(dictionary, 10);
      compute.encode(dictionary, slice(compute.rows(10, 5, integers(50, 5))), 10, slice(codes));
      return listOf(codes);
    });
    expect(await few.read(chunked!)).toEqual(await pair.gpu.read(whole!));
  });

  it('rows with NaN or infinity are refused', async () => {
    for (const rows of [3, 12]) {
      const h = integers(rows * 8, 2);
      h[1] = Number.NaN;
      h[8] = Number.NEGATIVE_INFINITY;
      const [gpu, cpu] = await encoded(weightsOf(8, 600, 'float32'), h);
      expect(activeOf(gpu[2]!)).toEqual(activeOf(cpu[2]!));
      expect(activeOf(gpu[2]!).map((count) => count < 0)).toEqual([
        false,
        false,
        true,
        true,
        ...Array(rows - 2).fill(false),
      ]);
      expect([...gpu[2]!.subarray(2 * STATS, 3 * STATS)]).toEqual([0, 0, 0, -1, 0]);
    }
  });
});

describe('edits', () => {
  const [d, width] = [5, 101];
  const weights = weightsOf(d, width, 'float32');
  const h = integers(2 * d, 5);
  // In the second row p is the bias. One feature is active, another one's p is its threshold.
  h.fill(0, d);
  weights.encoderBias.fill(0).set([2, 3], 30);
  weights.threshold!.set([2, 2], 30);
  const p = Array.from({ length: width }, (_, f) => {
    const sum = h.subarray(0, d).reduce((all, x, i) => all + x * weights.encoder[f * d + i]!, 0);
    return sum * weights.encoderScale![f]! + weights.encoderBias[f]!;
  });

  const edited = (programs: Slot[][]) =>
    pair.both((compute) => {
      const dictionary = compute.dictionary(weights);
      const codes = compute.codes(dictionary, 3);
      const x = compute.rows(2, d, h);
      compute.encode(dictionary, slice(x), 2, slice(codes, 1));
      const report = compute.rows(2, 4);
      compute.edit(dictionary, { h: slice(x), programs, codes: slice(codes, 1), vectors: null, report: slice(report) });
      return [x, report, codes.ids];
    });

  it('find the latents that the slots have no room for, and no others', async () => {
    const [, cpu] = await edited([[], []]);
    const kept = [...u32(cpu[2]!).subarray(K, 2 * K)];
    const features = p.map((_, f) => f);
    const beyond = features.filter((f) => p[f]! > weights.threshold![f]! && !kept.includes(f));
    const below = features.filter((f) => p[f]! > 0 && p[f]! <= weights.threshold![f]!);
    expect([kept.includes(0xffffffff), beyond.length > 2, below.length > 2]).toEqual([false, true, true]);
    for (const on of ['active', 'everywhere'] as const)
      for (const mode of ['scale', 'ablate', 'clamp'] as const) {
        const strength = mode === 'clamp' ? 0 : 2;
        const slots = (list: number[]) => list.map((feature): Slot => ({ mode, feature, strength, on }));
        const found = [kept[0]!, ...beyond];
        const [gpu, truth] = await edited([slots([...found, ...below]), slots([30, 31])]);
        expect(worst(gpu[0]!, truth[0]!)).toBeLessThan(1e-5);
        expect(worst(gpu[1]!, truth[1]!)).toBeLessThan(1e-5);
        expect([truth[1]![0], truth[1]![4]]).toEqual([found.length, 1]);
      }
  });

  it('wait for latents that the slots have no room for, and for no others', async () => {
    // Two sequences of 260 tokens, more than a workgroup looks at in one go; each second residual is zero.
    const rows = 520;
    const many = new Float32Array(rows * d);
    for (let row = 0; row < rows; row += 2) many.set(h.subarray(0, d), row * d);
    const active = p.flatMap((x, f) => (x > weights.threshold![f]! ? [f] : []));
    const below = p.flatMap((x, f) => (x > 0 && x <= weights.threshold![f]! ? [f] : []));
    expect(active.length).toBeGreaterThan(K + 1);
    const features = [...active.slice(0, K + 2), ...below.slice(0, 2), 30, 31];
    const gates = features.map((feature, column): GateSlot => ({ feature, above: 0, reach: 'token', column }));
    const run = (compute: Compute) => {
      const dictionary = compute.dictionary(weights);
      const codes = compute.codes(dictionary, rows + 1);
      const x = compute.rows(rows + 2, d);
      compute.copy(slice(compute.rows(rows, d, many)), slice(x, 2), rows);
      compute.encode(dictionary, slice(x, 2), rows, slice(codes, 1));
      const flags = compute.rows(rows + 2, features.length);
      const at = { h: slice(x, 2), codes: slice(codes, 1), flags: slice(flags, 2) };
      compute.gate(dictionary, { gates, sequences: 2, begins: Array(rows).fill(false), before: 0, ...at });
      return [flags, codes.ids];
    };
    const [gpu, cpu] = await pair.both(run);
    expect(u32(gpu[0]!)).toEqual(u32(cpu[0]!));
    const open = (row: number) => features.filter((_, i) => u32(cpu[0]!)[(2 + row) * features.length + i] === 1);
    const expected = features.filter((f) => active.includes(f));
    for (const row of [0, 256, 258, 260, 518]) expect(open(row)).toEqual(expected);
    for (const row of [1, 519]) expect(open(row)).toEqual([31]);
  });

  it('on the bare pre-activation know no threshold', async () => {
    const [gpu, cpu] = await edited([[], [{ mode: 'ablate', feature: 30, strength: 1, on: 'preactivation' }]]);
    expect(gpu[1]!.subarray(4)).toEqual(cpu[1]!.subarray(4));
    expect(cpu[1]![4]).toBe(1);
  });
});
