import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { computePair, normals, type Pair, u32, worst } from '../testing/kernels';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

describe('logsumexp', () => {
  for (const [rows, cols] of [
    [1, 1],
    [7, 257],
    [3, 8192],
    [1, 151936],
  ] as const) {
    it(`of ${rows} x ${cols}, with targets and without`, async () => {
      const data = normals(rows * cols, 2, 8).map((v) => v + 50);
      const targets = Uint32Array.from({ length: rows }, (_, r) => (r === 1 ? 0xffffffff : (r * 97) % cols));
      const [gpu, cpu] = await pair.both((compute) => {
        const x = compute.rows(rows, cols, data);
        const [a, b] = [compute.rows(rows, 2), compute.rows(rows, 2)];
        compute.logsumexp(x, rows, targets, a);
        compute.logsumexp(x, rows, null, b);
        return [a, b];
      });
      expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-6);
      expect(worst(gpu[1]!, cpu[1]!)).toBeLessThan(1e-6);
      expect(cpu[0]![1]).toBe(data[0]);
      expect(cpu[1]![1]).toBe(0);
    });
  }
});

describe('kl', () => {
  /** KL of a random row against itself changed by `noise`, for both implementations. */
  async function divergence(cols: number, noise: number, spread = 6): Promise<[number, number]> {
    const base = normals(cols, 1, spread);
    const change = normals(cols, 2, noise);
    const other = base.map((v, i) => v + change[i]! + 3);
    const [gpu, cpu] = await pair.both((compute) => {
      const p = compute.rows(2, cols, Float32Array.of(...normals(cols, 9), ...base));
      const q = compute.rows(1, cols, other);
      const out = compute.rows(2, 1);
      compute.kl(
        p,
        q,
        [
          { p: 1, q: 0 },
          { p: 0, q: 0 },
        ],
        out,
      );
      return [out];
    });
    expect(Math.abs(gpu[0]![1]! - cpu[0]![1]!)).toBeLessThan(1e-4 * cpu[0]![1]!);
    return [gpu[0]![0]!, cpu[0]![0]!];
  }

  for (const noise of [3e-3, 0.03, 0.3, 3, 30]) {
    it(`keeps its digits at noise ${noise}`, async () => {
      for (const cols of [257, 8192]) {
        const [gpu, cpu] = await divergence(cols, noise);
        expect(cpu).toBeGreaterThan(0);
        expect(Math.abs(gpu - cpu)).toBeLessThan(1e-3 * cpu);
      }
    });
  }

  it('over 151936 columns', async () => {
    const cols = 151936;
    const data = normals(2 * cols, 5, 4);
    const [gpu, cpu] = await pair.both((compute) => {
      const p = compute.rows(2, cols, data);
      const out = compute.rows(3, 1);
      compute.kl(
        p,
        p,
        [
          { p: 0, q: 1 },
          { p: 1, q: 0 },
          { p: 1, q: 1 },
        ],
        out,
      );
      return [out];
    });
    expect(worst(gpu[0]!, cpu[0]!, 1e-3)).toBeLessThan(1e-4);
    expect(gpu[0]![2]).toBe(0);
    expect(gpu[0]![0]).not.toBe(gpu[0]![1]);
  });

  it('stays finite where probabilities underflow on either side', async () => {
    const p = Float32Array.of(0, -200, -1, -90);
    const q = Float32Array.of(-1, 0, -200, -300);
    const [gpu, cpu] = await pair.both((compute) => {
      const out = compute.rows(1, 1);
      compute.kl(compute.rows(1, 4, p), compute.rows(1, 4, q), [{ p: 0, q: 0 }], out);
      return [out];
    });
    expect(worst(gpu[0]!, cpu[0]!)).toBeLessThan(1e-5);
  });
});

describe('rows with NaN and infinity', () => {
  const { POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: none } = Number;
  const COLS = 700;
  /** A row of 700 numbers with `value` at some columns. */
  const row = (value: number, ...columns: number[]) => {
    const made = normals(COLS, 3, 4);
    for (const column of columns) made[column] = value;
    return made;
  };
  const everywhere = (value: number) => new Float32Array(COLS).fill(value);
  const BAD = [
    row(Number.NaN, 0),
    row(Number.NaN, 699),
    row(Number.NaN, 300),
    everywhere(Number.NaN),
    row(inf, 5),
    row(inf, 1, 600),
    everywhere(none),
  ];
  const GOOD = [
    row(0),
    row(none, 0),
    row(none, 0, 1, 2, 256, 699),
    everywhere(none).fill(-3, 650, 651),
    everywhere(-3e38),
  ];
  const all = [...BAD, ...GOOD];
  const matrix = Float32Array.from({ length: all.length * COLS }, (_, i) => all[Math.floor(i / COLS)]![i % COLS]!);
  // The least NaN that there is, and of negative sign, where the arithmetic's own NaN is quiet.
  u32(matrix)[2 * COLS + 300] = 0xff800001;

  it('logsumexp is NaN where a row is no distribution, and takes -Infinity as probability 0', async () => {
    const targets = Uint32Array.from(all, () => 1);
    const [gpu, cpu] = await pair.both((compute) => {
      const out = compute.rows(all.length, 2);
      compute.logsumexp(compute.rows(all.length, COLS, matrix), all.length, targets, out);
      return [out];
    });
    const values = (out: Float32Array) => [...out].filter((_, i) => i % 2 === 0);
    expect(values(gpu[0]!).map(Number.isNaN)).toEqual(all.map((_, i) => i < BAD.length));
    expect(values(cpu[0]!).map(Number.isNaN)).toEqual(all.map((_, i) => i < BAD.length));
    const good = (out: Float32Array) => Float32Array.from(values(out).slice(BAD.length));
    expect(worst(good(gpu[0]!), good(cpu[0]!))).toBeLessThan(1e-6);
    const chosen = (out: Float32Array) => [...out].filter((_, i) => i % 2 === 1);
    expect(chosen(gpu[0]!)).toEqual(all.map((r) => r[1]));
  });

  it('kl is NaN where either row is no distribution, infinite where only q is 0, and finite else', async () => {
    const pairs = all.flatMap((_, p) => all.map((__, q) => ({ p, q })));
    const [gpu, cpu] = await pair.both((compute) => {
      const x = compute.rows(all.length, COLS, matrix);
      const out = compute.rows(pairs.length, 1);
      compute.kl(x, x, pairs, out);
      return [out];
    });
    let [finite, infinite] = [0, 0];
    for (const [i, { p, q }] of pairs.entries()) {
      const [a, b] = [gpu[0]![i]!, cpu[0]![i]!];
      const what = `${p} against ${q}`;
      expect(Number.isNaN(a), what).toBe(p < BAD.length || q < BAD.length);
      if (Number.isFinite(b)) {
        expect(Math.abs(a - b), what).toBeLessThanOrEqual(1e-4 * Math.max(b, 1e-3));
        finite++;
      } else {
        expect(a, what).toBe(b);
        if (b === inf) infinite++;
      }
    }
    expect(finite).toBeGreaterThan(10);
    expect(infinite).toBeGreaterThan(4);
  });
});
