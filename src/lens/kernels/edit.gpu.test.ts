import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EDIT_ON } from '../api/edit';
import { computePair, normals, type Pair, randomDictionary, u32, worst } from '../testing/kernels';
import { type Slot, slice } from './compute';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

const D = 65;
const H = normals((12 + 3) * D, 4);
// Adding nothing would turn it into 0.
for (const row of [2, 3, 4]) H[row * D + 1] = -0;
const VECTORS = normals(2 * D, 6);

/** h [15, d], the codes' first row and the report after `programs` on rows 2 .. of h; codes begin at row 1, the report
 *  at row 3. */
function edited(programs: Slot[][], dtype: 'float32' | 'float16') {
  const weights = randomDictionary(D, 512, 16, dtype);
  return pair.both((compute) => {
    const dictionary = compute.dictionary(weights);
    const codes = compute.codes(dictionary, 14);
    const h = compute.rows(15, D, H);
    compute.encode(dictionary, slice(h, 2), 13, slice(codes, 1));
    const report = compute.rows(20, 4);
    const vectors = compute.rows(2, D, VECTORS);
    compute.edit(dictionary, { h: slice(h, 2), programs, codes: slice(codes, 1), vectors, report: slice(report, 3) });
    return [h, report, codes.ids];
  });
}

/** A feature in the top-k of the first edited row, and one outside it. */
async function features(dtype: 'float32' | 'float16'): Promise<[number, number]> {
  const [, cpu] = await edited([], dtype);
  const ids = u32(cpu[2]!).subarray(16, 32);
  return [ids[3]!, Array.from({ length: 512 }, (_, i) => i).find((i) => !ids.includes(i))!];
}

const sameBits = (a: Float32Array, b: Float32Array) => expect(u32(a)).toEqual(u32(b));

describe('edit agrees with the oracle', () => {
  for (const dtype of ['float32', 'float16'] as const) {
    for (const on of EDIT_ON) {
      it(`${dtype}, on ${on}: every mode, active and inactive features`, async () => {
        const [active, inactive] = await features(dtype);
        for (const mode of ['add', 'scale', 'clamp', 'ablate'] as const) {
          const slot = (feature: number, strength: number): Slot => ({ mode, feature, strength, on });
          const programs = [active, inactive, 7, 8].map((feature) => [slot(feature, 0.75), slot(feature, 1.5)]);
          const [gpu, cpu] = await edited(programs, dtype);
          expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-5);
          expect(worst(gpu[1]!, cpu[1]!)).toBeLessThan(1e-5);
          expect(cpu[1]![4 * 3]).toBe(2);
          expect(worst(gpu[0]!.subarray(2 * D, 3 * D), H.subarray(2 * D, 3 * D))).toBeGreaterThan(0.01);
        }
      });
    }

    it(`${dtype}: vectors, relative and not, beside features`, async () => {
      const slots: Slot[] = [
        { mode: 'add', feature: 0, strength: 2, on: 'active', vector: 1 },
        { mode: 'add', feature: 0, strength: -0.5, on: 'active', vector: 0, relative: true },
        { mode: 'add', feature: 511, strength: 3, on: 'active' },
      ];
      const [gpu, cpu] = await edited([slots], dtype);
      expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-5);
      expect(worst(gpu[1]!, cpu[1]!)).toBeLessThan(1e-5);
      expect(cpu[1]![12]).toBe(3);
    });
  }

  it('with 256 slots in one row', async () => {
    const slots = Array.from(
      { length: 256 },
      (_, i): Slot => ({ mode: i % 2 ? 'add' : 'ablate', feature: 2 * i, strength: 0.01 * (i + 1), on: 'active' }),
    );
    const [gpu, cpu] = await edited([slots], 'float32');
    expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-4);
    expect(gpu[1]![12]).toBe(cpu[1]![12]);
    expect(cpu[1]![12]).toBeGreaterThan(128);
  });
});

describe('edit keeps every bit', () => {
  it('of rows without slots, of rows whose slots do not act, and of all other rows', async () => {
    const [, inactive] = await features('float32');
    const quiet = (['scale', 'clamp', 'ablate'] as const).map(
      (mode): Slot => ({ mode, feature: inactive, strength: 5, on: 'active' }),
    );
    quiet.push({ mode: 'clamp', feature: inactive, strength: 0, on: 'everywhere' });
    const [gpu, cpu] = await edited([quiet, []], 'float32');
    for (const [h] of [gpu, cpu]) sameBits(h!, H);
    const [moved] = await edited([[], [{ mode: 'add', feature: 3, strength: 4, on: 'active' }]], 'float32');
    sameBits(moved[0]!.slice(0, 3 * D), H.slice(0, 3 * D));
    sameBits(moved[0]!.slice(4 * D), H.slice(4 * D));
    expect(worst(moved[0]!.subarray(3 * D, 4 * D), H.subarray(3 * D, 4 * D))).toBeGreaterThan(0.1);
  });

  it('and the reports of rows not edited', async () => {
    const [gpu] = await edited([[]], 'float32');
    expect(gpu[1]!.subarray(0, 12).every((v) => v === 0)).toBe(true);
    expect(gpu[1]!.subarray(16).every((v) => v === 0)).toBe(true);
    expect(gpu[1]![14]).toBeGreaterThan(1);
  });
});

describe('match agrees with the oracle', () => {
  for (const shared of [true, false]) {
    it(shared ? 'with one report' : 'with two reports', async () => {
      const unit = Float32Array.from(VECTORS, (v) => v / Math.hypot(...VECTORS.subarray(0, D)));
      const start = Float32Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? Math.floor(i / 4) % 3 : i));
      const moves = [
        { row: 2, source: 1, direction: 0 },
        { row: 3, source: 0, direction: 1 },
        { row: 4, source: 5, direction: 1 },
      ];
      const before = H.slice();
      before.fill(-0, 4 * D, 5 * D);
      const [gpu, cpu] = await pair.both((compute) => {
        const h = compute.rows(15, D, before);
        const source = compute.rows(10, 4, start);
        const report = shared ? source : compute.rows(10, 4);
        const directions = compute.rows(2, D, unit);
        compute.match({ h: slice(h, 1), moves, directions, source, report: slice(report, 4) });
        return [h, report];
      });
      expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-5);
      expect(worst(gpu[1]!, cpu[1]!)).toBeLessThan(1e-5);
      expect(worst(cpu[0]!.subarray(3 * D, 4 * D), H.subarray(3 * D, 4 * D))).toBeGreaterThan(0.1);
      sameBits(gpu[0]!.slice(4 * D, 5 * D), before.slice(4 * D, 5 * D));
      expect([...cpu[1]!.subarray(4 * 7, 4 * 7 + 2)]).toEqual([0, 0]);
      expect([...cpu[1]!.subarray(4 * 6, 4 * 6 + 2)]).toEqual([1, 5]);
    });
  }
});
