import { describe, expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { float16ToFloat32, float32ToFloat16 } from '../formats/halves';
import { transpose } from '../formats/transpose';
import { normals } from '../testing/numbers';
import { type Activation, type Fold, NO_FOLD } from './dictionary-plan';
import { type Folded, FoldSums, foldVectors, type StoredVectors } from './fold';

const [d, width] = [7, 11];
const TOPK: Activation = { kind: 'topk', k: 3 };
const ALL: Activation = { kind: 'threshold', all: 0 };
const W_enc = normals(width * d, 1);
const W_dec = normals(width * d, 2);
W_dec.fill(0, 4 * d, 5 * d);
const b: StoredVectors = { encoderBias: normals(width, 3), decoderBias: normals(d, 4, 3) };
const gated = { ...b, magnitude: normals(width, 5, 0.5), gateBias: normals(width, 6) };
const h = normals(d, 8, 2);

interface Asked {
  fold?: Partial<Fold>;
  activation?: Activation;
  vectors?: StoredVectors;
}

function folded({ fold: some = {}, activation = ALL, vectors = b }: Asked, rowsEach = width, halves = false): Folded {
  const fold = { ...NO_FOLD, ...some };
  const sums = new FoldSums({ d, width }, fold, vectors.decoderBias);
  for (const transposed of [false, true]) {
    const matrix = transposed ? W_dec : W_enc;
    const stored = transposed ? (transpose(matrix, width, d) as Float32Array) : matrix;
    const columns = transposed ? width : d;
    // The last rows first: the order does not matter.
    for (let first = Math.floor((stored.length / columns - 1) / rowsEach) * rowsEach; first >= 0; first -= rowsEach) {
      const numbers = stored.subarray(first * columns, (first + rowsEach) * columns);
      const rows = { numbers: halves ? float32ToFloat16(numbers) : numbers, first, transposed };
      if (transposed) sums.decoder(rows);
      else sums.encoder(rows);
    }
  }
  return foldVectors({ width, activation, fold }, vectors, sums, 'a.safetensors');
}

const dot = (x: ArrayLike<number>, matrix: Float32Array, f: number) =>
  Array.from(x).reduce((sum, v, i) => sum + v * matrix[f * d + i]!, 0);

const norm = (f: number) => Math.hypot(...W_dec.subarray(f * d, (f + 1) * d));

/** Latents and reconstruction as the library computes them that wrote such a dictionary. */
function byDefinition({ fold: some = {}, vectors = b }: Asked, theta: (f: number) => number) {
  const { inputScale: s, centred, rescaled } = { ...NO_FOLD, ...some };
  const x = h.map((v, i) => s * v - (centred ? vectors.decoderBias[i]! : 0));
  const z = Array.from({ length: width }, (_, f) => {
    const n = rescaled ? norm(f) / s : 1;
    const product = dot(x, W_enc, f);
    if (vectors.gateBias) {
      const open = product + vectors.gateBias[f]! > 0;
      const size = product * Math.exp(vectors.magnitude![f]!) + vectors.encoderBias[f]!;
      return open ? Math.max(0, size) * n : 0;
    }
    const p = (product + vectors.encoderBias[f]!) * n;
    return p > theta(f) ? Math.max(0, p) : 0;
  });
  const back = Array.from({ length: d }, (_, i) => {
    const sum = z.reduce(
      (all, one, f) => all + (one === 0 ? 0 : one * W_dec[f * d + i]! * (rescaled ? s / norm(f) : 1)),
      0,
    );
    return (sum + vectors.decoderBias[i]!) / s;
  });
  return { z, back };
}

/** The same by the common form. */
function byForm({ encoderScale, decoderScale, threshold, encoderBias, decoderBias }: Folded) {
  const z = Array.from({ length: width }, (_, f) => {
    const p = dot(h, W_enc, f) * (encoderScale?.[f] ?? 1) + encoderBias[f]!;
    return p > (threshold?.[f] ?? 0) ? p : 0;
  });
  const back = Array.from(decoderBias, (bias, i) =>
    z.reduce((sum, one, f) => sum + one * (decoderScale?.[f] ?? 1) * W_dec[f * d + i]!, bias),
  );
  return { z, back };
}

function expectEqual(asked: Asked, theta: (f: number) => number = () => 0) {
  const [mine, truth] = [byForm(folded(asked)), byDefinition(asked, theta)];
  expect(truth.z.filter((z) => z > 0).length).toBeGreaterThan(1);
  expect(truth.z.filter((z) => z === 0).length).toBeGreaterThan(1);
  for (const part of ['z', 'back'] as const)
    for (const [i, x] of truth[part].entries()) expect(mine[part][i]! - x, `${part} ${i}`).toBeCloseTo(0, 4);
  expect(mine.z.map((z) => z > 0)).toEqual(truth.z.map((z) => z > 0));
}

describe('a folded dictionary computes what its own form does', () => {
  const folds: Partial<Fold>[] = [
    {},
    { centred: true },
    { rescaled: true },
    { inputScale: 0.3 },
    { centred: true, rescaled: true },
    { centred: true, rescaled: true, inputScale: 5 },
  ];
  for (const fold of folds)
    test(JSON.stringify(fold), () => {
      expectEqual({ fold });
      const threshold = normals(width, 7);
      expectEqual({ fold, vectors: { ...b, threshold } }, (f) => threshold[f]!);
      expectEqual({ fold, activation: { kind: 'threshold', all: 0.7 } }, () => 0.7);
      expectEqual({ fold, vectors: gated });
    });
});

describe('the sums', () => {
  test('are the same to the bit by pieces of any length, and of halves those of the halves', () => {
    const fold = { centred: true, rescaled: true };
    const whole = folded({ fold });
    for (const rowsEach of [1, 2, 3, 10]) expect(folded({ fold }, rowsEach)).toEqual(whole);
    const halves = folded({ fold }, 4, true);
    const f = 3;
    const row = float16ToFloat32(float32ToFloat16(W_dec.subarray(f * d, (f + 1) * d)));
    expect(halves.encoderScale![f]).toBe(Math.fround(Math.hypot(...row)));
    expect(halves.encoderScale).not.toEqual(whole.encoderScale);
  });

  test('in float64: what float32 would lose is there', () => {
    const sums = new FoldSums({ d: 3, width: 1 }, { ...NO_FOLD, centred: true }, Float32Array.of(1, 1, 1));
    sums.encoder({ numbers: Float32Array.of(2 ** 26, 1, -(2 ** 26)), first: 0, transposed: false });
    expect([...sums.products!]).toEqual([1]);
  });
});

test('a dictionary that has the common form keeps its arrays, and has no scales', () => {
  expect(folded({ activation: TOPK })).toEqual({
    activation: 'topk',
    encoderScale: null,
    decoderScale: null,
    threshold: null,
    ...b,
  });
  const { encoderBias, decoderBias } = folded({});
  expect(encoderBias).toBe(b.encoderBias);
  expect(decoderBias).toBe(b.decoderBias);
});

test('thresholds of 0 or below are none, and not those of a top-k dictionary', () => {
  expect(folded({ activation: { kind: 'threshold', all: -1 } }).threshold).toBeNull();
  const threshold = new Float32Array(width).fill(-0);
  threshold[2] = -5;
  expect(folded({ vectors: { ...b, threshold } }).threshold).toBeNull();
  threshold[3] = 0.5;
  const kept = folded({ vectors: { ...b, threshold } }).threshold!;
  expect([...kept].map((x) => (Object.is(x, -0) ? '-0' : x))).toEqual([0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0]);
  expect(folded({ activation: TOPK, vectors: { ...b, threshold } }).threshold).toBeNull();
});

test('a decoder row of zeros: its feature is never active, and nothing is NaN', () => {
  const { encoderScale, decoderScale, encoderBias } = folded({ fold: { rescaled: true, centred: true } });
  expect([encoderScale![4], decoderScale![4], encoderBias[4]! + 0]).toEqual([0, 0, 0]);
  for (const numbers of [encoderScale!, decoderScale!, encoderBias]) expect(numbers.every(Number.isFinite)).toBe(true);
});

test('what is not finite is refused, and named', () => {
  const vector = (x: number) => new Float32Array(width).fill(1).fill(x, 5, 6);
  for (const asked of [
    { vectors: { ...b, threshold: vector(Number.NaN) } },
    { vectors: { ...b, threshold: vector(Number.NEGATIVE_INFINITY) } },
    { vectors: { ...b, threshold: vector(Number.POSITIVE_INFINITY) } },
    { vectors: { ...gated, magnitude: vector(1000) } },
    { vectors: { ...b, encoderBias: vector(Number.NaN) }, fold: { centred: true } },
  ]) {
    expect(() => folded(asked)).toThrow(CorruptFileError);
    expect(() => folded(asked)).toThrow(/^a\.safetensors: the .* 5 is not finite/);
  }
  expect(() => folded({ activation: { kind: 'threshold', all: Number.NaN } })).toThrow(CorruptFileError);
});
