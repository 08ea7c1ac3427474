import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { computePair, integers, normals, type Pair, u32, uniform } from '../testing/kernels';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

/** Both implementations' n largest, which must agree to the bit. Returns the ids. */
async function agree(rows: number, cols: number, data: Float32Array, n: number): Promise<Uint32Array> {
  const [gpu, cpu] = await pair.both((compute) => {
    const x = compute.rows(rows, cols, data);
    const [ids, values] = [compute.rows(rows, n), compute.rows(rows, n)];
    compute.topk(x, rows, n, ids, values);
    return [ids, values];
  });
  expect(u32(gpu[0]!)).toEqual(u32(cpu[0]!));
  expect(u32(gpu[1]!)).toEqual(u32(cpu[1]!));
  return u32(cpu[0]!);
}

const negative = (a: Float32Array) => a.map((v) => -Math.abs(v) - 1);

describe('topk is exact', () => {
  for (const cols of [1, 3, 512, 1025, 2048, 3072, 8192]) {
    it(`on ${cols} columns: random, tied, negative, for every n`, async () => {
      for (const n of [1, 16, 50, 256, 1024]) {
        await agree(2, cols, normals(2 * cols, n), n);
        await agree(2, cols, integers(2 * cols, n, 3), n);
        await agree(1, cols, negative(normals(cols, n)), n);
      }
    });
  }

  it('on 151936 columns', async () => {
    for (const n of [12, 1024]) await agree(1, 151936, normals(151936, n), n);
    await agree(1, 151936, integers(151936, 5, 2), 1024);
  });

  it('on rows of one value: the first columns', async () => {
    const ids = await agree(1, 70000, new Float32Array(70000).fill(-2.5), 300);
    expect([...ids]).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  it('where all large values fall to one lane, and where the ties of the last place lie far apart', async () => {
    const cols = 32768;
    const piled = normals(cols, 3);
    for (let i = 0; i < cols; i += 1024) for (let c = 0; c < 4; c++) piled[i + c]! += 100;
    await agree(1, cols, piled, 50);
    const apart = new Float32Array(cols).fill(1);
    for (let i = 0; i < 40; i++) apart[cols - 1 - 7 * i] = 2;
    await agree(1, cols, apart, 50);
  });

  it('with denormals, both zeros, infinities and NaN', async () => {
    const next = uniform(4);
    const special = [
      0,
      -0,
      2 ** -149,
      -(2 ** -149),
      2 ** -130,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1,
      -1,
    ];
    for (const cols of [10, 300, 2050, 4096]) {
      const row = Float32Array.from({ length: cols }, () => special[Math.floor(next() * special.length)]!);
      for (const n of [1, 50, 256]) await agree(1, cols, row, n);
    }
    await agree(1, 2000, new Float32Array(2000).fill(Number.NaN), 20);
    const bits = new Float32Array(Uint32Array.from({ length: 2000 }, (_, i) => 1 + ((i * 7919) % 2000)).buffer);
    await agree(1, 2000, bits, 60);
  });

  it('on random bits of every kind', async () => {
    const next = uniform(9);
    const words = Uint32Array.from({ length: 3 * 5000 }, () => Math.floor(next() * 2 ** 32));
    for (const n of [16, 256]) await agree(3, 5000, new Float32Array(words.buffer), n);
  });

  it('on 64 rows at once', async () => {
    await agree(64, 2048, normals(64 * 2048, 8), 32);
  });
});

it('is one dispatch', async () => {
  const x = pair.gpu.rows(8, 4096, normals(8 * 4096, 1));
  const [ids, values] = [pair.gpu.rows(8, 50), pair.gpu.rows(8, 50)];
  pair.gpu.takeDispatches();
  pair.gpu.topk(x, 8, 50, ids, values);
  expect(pair.gpu.takeDispatches()).toBe(1);
  await pair.gpu.read([ids]);
});
