import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  computePair,
  integerDictionary,
  normals,
  type Pair,
  randomDictionary,
  u32,
  uniform,
  worst,
} from '../testing/kernels';
import { type Codes, type Compute, type GateSlot, type Slot, STATS, slice } from './compute';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair();
});
afterEach(() => expect(pair.errors).toEqual([]));

const WIDTH = 24;
const K = 5;
const INFINITY = 0x7f800000;

/** Bits of latents from 0 to 4 and a few odd ones: subnormals, the least and the largest numbers, NaN and negative
 *  ones, which count as nothing. */
const ODD = [0, 1, 0x007fffff, 0x00800000, 0x7f7fffff, INFINITY, 0x7fc00000, 0xffc00000, 0x80000000, 0xc0a00000];
const wordOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;

/** Random codes of `rows` rows: distinct features a row, unused ones among them. `odd`: the share of odd latents. */
function randomCodes(rows: number, seed: number, odd: number): { ids: Uint32Array; values: Uint32Array } {
  const next = uniform(seed);
  const ids = new Uint32Array(rows * K);
  const values = new Uint32Array(rows * K);
  for (let row = 0; row < rows; row++) {
    const features = Array.from({ length: WIDTH }, (_, id) => ({ id, at: next() })).sort((a, b) => a.at - b.at);
    for (let j = 0; j < K; j++) {
      const at = row * K + j;
      ids[at] = next() < 0.2 ? 0xffffffff : features[j]!.id;
      values[at] = next() < odd ? ODD[Math.floor(next() * ODD.length)]! : wordOf(Math.floor(next() * 9) / 2);
    }
  }
  return { ids, values };
}

function randomGates(count: number, seed: number): GateSlot[] {
  const next = uniform(seed);
  const columns = Array.from({ length: count }, (_, i) => 2 * i + 1);
  return columns.map((column): GateSlot => {
    const above = [0, 1e-40, 0.5, 1, 2, 3][Math.floor(next() * 6)]!;
    const kind = Math.floor(next() * 3);
    const slot = { feature: Math.floor(next() * WIDTH), above, column };
    if (kind === 0) return { ...slot, reach: 'token' };
    return kind === 1
      ? { ...slot, reach: 'turn' }
      : { ...slot, reach: 'token', until: above * Math.floor(next() * 3) * 0.5 };
  });
}

function codesOf(compute: Compute, rows: number, seed: number, odd = 0.2): Codes {
  const { ids, values } = randomCodes(rows, seed, odd);
  return { ids: compute.rows(rows, K, ids), values: compute.rows(rows, K, values), stats: compute.rows(rows, STATS) };
}

const dictionaryOf = (compute: Compute) => compute.dictionary(integerDictionary(4, WIDTH, K, 'float32'));
const randomFlags = (length: number, seed: number) => {
  const next = uniform(seed);
  return Uint32Array.from({ length }, () => Number(next() < 0.5));
};
const randomTurns = (length: number, seed: number) => {
  const next = uniform(seed);
  return Array.from({ length }, () => next() < 0.1);
};

it.each([
  [1, 1, 1],
  [1, 255, 3],
  [1, 257, 40],
  [1, 600, 7],
  [7, 1, 5],
  [3, 300, 4],
])(
  '%i sequences of %i tokens under %i gates: flags of the oracle, others untouched',
  async (sequences, tokens, count) => {
    const rows = sequences * tokens;
    const columns = 2 * count + 1;
    let changed = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const start = randomFlags((2 + sequences + rows) * columns, seed);
      const begins = randomTurns(rows, 10 + seed);
      const gates = randomGates(count, 20 + seed);
      const [[gpu], [cpu]] = await pair.both((compute) => {
        const flags = compute.rows(2 + sequences + rows, columns, start);
        const codes = slice(codesOf(compute, rows + 3, 30 + seed), 3);
        compute.gate(dictionaryOf(compute), {
          gates,
          sequences,
          begins,
          h: slice(compute.rows(rows, 4)),
          codes,
          flags: slice(flags, 1 + sequences),
          before: 1,
        });
        return [flags];
      });
      expect(u32(gpu!)).toEqual(u32(cpu!));
      const after = u32(cpu!);
      const written = (i: number) =>
        i >= (1 + sequences) * columns && i < (1 + sequences + rows) * columns && (i % columns) % 2 === 1;
      changed += after.filter((flag, i) => written(i) && flag !== start[i]).length;
      expect(after.every((flag, i) => written(i) || flag === start[i])).toBe(true);
    }
    expect(changed).toBeGreaterThan(0);
  },
);

it('piece by piece, and token by token in place, is the same as all at once', async () => {
  const [tokens, columns] = [300, 9];
  const gates = randomGates(4, 3);
  const turns = randomTurns(tokens, 4);
  const run = (pieces: number[]) => (compute: Compute) => {
    const dictionary = dictionaryOf(compute);
    const codes = codesOf(compute, tokens, 5);
    const flags = compute.rows(tokens + 1, columns);
    let start = 0;
    for (const length of pieces) {
      const begins = turns.slice(start, start + length);
      compute.gate(dictionary, {
        gates,
        sequences: 1,
        begins,
        h: slice(compute.rows(length, 4)),
        codes: slice(codes, start),
        flags: slice(flags, start + 1),
        before: start,
      });
      start += length;
    }
    return [flags];
  };
  const whole = await pair.both(run([tokens]));
  expect(u32(whole[0][0]!).some((flag) => flag === 1)).toBe(true);
  for (const [flags] of await pair.both(run([128, 128, 44]))) expect(u32(flags!)).toEqual(u32(whole[1][0]!));
  const stepped = await pair.both((compute) => {
    const dictionary = dictionaryOf(compute);
    const codes = codesOf(compute, tokens, 5);
    const now = compute.rows(1, columns);
    const flags = compute.rows(tokens + 1, columns);
    for (let t = 0; t < tokens; t++) {
      compute.gate(dictionary, {
        gates,
        sequences: 1,
        begins: [turns[t]!],
        h: slice(compute.rows(1, 4)),
        codes: slice(codes, t),
        flags: slice(now),
        before: 0,
      });
      compute.copy(slice(now), slice(flags, t + 1), 1);
    }
    return [flags];
  });
  for (const [flags] of stepped) expect(u32(flags!)).toEqual(u32(whole[1][0]!));
});

it('one dispatch gates, and one more closes edits before they are carried out', async () => {
  const { gpu } = pair;
  const dictionary = dictionaryOf(gpu);
  const codes = slice(codesOf(gpu, 2, 1));
  const flags = gpu.rows(3, 2);
  gpu.takeDispatches();
  gpu.gate(dictionary, {
    gates: randomGates(1, 1),
    sequences: 1,
    begins: [true, false],
    h: slice(gpu.rows(2, 4)),
    codes,
    flags: slice(flags, 1),
    before: 0,
  });
  expect(gpu.takeDispatches()).toBe(1);
  const edits = { h: slice(gpu.rows(1, 4)), codes, vectors: null, report: slice(gpu.rows(1, 4)), flags: slice(flags) };
  const slot: Slot = { mode: 'add', feature: 0, strength: 1, on: 'active' };
  gpu.edit(dictionary, { ...edits, programs: [[slot]] });
  expect(gpu.takeDispatches()).toBe(1);
  gpu.edit(dictionary, { ...edits, programs: [[slot, { ...slot, gate: 1 }]] });
  expect(gpu.takeDispatches()).toBe(2);
});

it('edits whose gates are closed do not act, in rows of many programs', async () => {
  const d = 20;
  const weights = randomDictionary(d, WIDTH, K, 'float32');
  const start = normals(60 * d, 2);
  for (const [rows, many] of [
    [50, 1],
    [3, 20],
  ] as const) {
    const next = uniform(many);
    const flags = randomFlags(70 * 6, 8);
    const programs = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: row % 3 === 0 ? 0 : many }, (): Slot => {
        const mode = (['add', 'scale', 'clamp', 'ablate'] as const)[Math.floor(next() * 4)]!;
        const on = (['everywhere', 'active', 'preactivation'] as const)[Math.floor(next() * 3)]!;
        const gate = next() < 0.7 ? Math.floor(next() * 6) : undefined;
        const along = mode === 'add' && next() < 0.5 ? { vector: 1, relative: next() < 0.5 } : {};
        return { mode, on, feature: Math.floor(next() * WIDTH), strength: next(), gate, ...along };
      }),
    );
    /** Without the slots that are closed. */
    const openOnly = programs.map((slots, row) =>
      slots.flatMap(({ gate, ...slot }) => (gate === undefined || flags[(3 + row) * 6 + gate] === 1 ? [slot] : [])),
    );
    const run = (given: Slot[][]) => (compute: Compute) => {
      const dictionary = compute.dictionary(weights);
      const h = compute.rows(60, d, start);
      const codes = codesOf(compute, 60, 9, 0);
      const report = compute.rows(60, 4);
      const at = { h: slice(h, 2), codes: slice(codes, 2), report: slice(report, 2) };
      const vectors = compute.rows(2, d, start.slice(0, 2 * d));
      compute.edit(dictionary, { ...at, programs: given, vectors, flags: slice(compute.rows(70, 6, flags), 3) });
      return [h, report];
    };
    const [gpu, cpu] = await pair.both(run(programs));
    const [, meant] = await pair.both(run(openOnly));
    for (const side of [gpu, cpu]) {
      expect(worst(side[0]!, meant[0]!)).toBeLessThan(1e-4);
      expect(worst(side[1]!, meant[1]!)).toBeLessThan(1e-4);
    }
    expect(worst(meant[0]!, start)).toBeGreaterThan(0.1);
    const ungated = run(programs.map((slots) => slots.map(({ gate: _, ...slot }) => slot)));
    const [all] = await pair.gpu.read(ungated(pair.gpu));
    expect(worst(all!, meant[0]!)).toBeGreaterThan(0.1);
  }
});
