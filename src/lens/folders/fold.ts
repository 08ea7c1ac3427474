import { CorruptFileError } from '../api/errors';
import { float16ToFloat32 } from '../formats/halves';
import type { DictionaryPlan, Fold } from './dictionary-plan';
import type { Shaping } from './dictionary-weights';

/**
 * Every dictionary as p = h W + b; z = the largest p, or those above theta; h^ = z W_dec' + b_dec'.
 *
 * Its own form is p = ((s h - c) W_enc e^r + b_enc) n, where s is the input's scale, c its b_dec (0 unless `centred`), r
 * its log magnitudes (0 unless gated) and n the norms of the rows of W_dec / s (1 unless `rescaled`); h^ = (z W_dec / n +
 * b_dec) / s. So W = W_enc s e^r n, b = (b_enc - c W_enc e^r) n, W_dec' = W_dec / (n s), b_dec' = b_dec / s. A gated one
 * (Rajamanoharan et al. 2024, https://arxiv.org/abs/2404.16014) is active where its gate is above 0, which is where p is
 * above theta = (b_enc - e^r b_gate) n: c cancels.
 *
 * Matrices stay as they are stored; only vectors change. All sums are in float64.
 */

/** A matrix's rows as they are stored: features in a row of [., d] each, or transposed a channel in a row of [.,
 *  width]. Numbers, or bits of float16. */
export interface StoredRows {
  numbers: Float32Array | Uint16Array;
  /** Of the first row, in the whole matrix. */
  first: number;
  transposed: boolean;
}

interface Size {
  d: number;
  width: number;
}

/** What a fold needs of the matrices: c W_enc and |W_dec row|^2 of each feature. Takes their rows in any order, each
 *  once. */
export class FoldSums {
  /** [width]; null where the fold does not need them. */
  readonly products: Float64Array | null;
  readonly squares: Float64Array | null;

  constructor(
    private readonly size: Size,
    fold: Fold,
    private readonly decoderBias: Float32Array,
  ) {
    this.products = fold.centred ? new Float64Array(size.width) : null;
    this.squares = fold.rescaled ? new Float64Array(size.width) : null;
  }

  encoder(rows: StoredRows): void {
    if (this.products) this.add(rows, this.products, this.decoderBias);
  }

  decoder(rows: StoredRows): void {
    if (this.squares) this.add(rows, this.squares, null);
  }

  /** Adds each number times that of its channel, or times itself, to its feature's sum. */
  private add({ numbers, first, transposed }: StoredRows, sums: Float64Array, channels: Float32Array | null): void {
    const columns = transposed ? this.size.width : this.size.d;
    for (let at = 0, row = first; at < numbers.length; at += columns, row++) {
      const own = numbers.subarray(at, at + columns);
      const x = own instanceof Uint16Array ? float16ToFloat32(own) : own;
      if (transposed && channels) {
        const factor = channels[row]!;
        for (let f = 0; f < columns; f++) sums[f]! += x[f]! * factor;
      } else if (transposed) for (let f = 0; f < columns; f++) sums[f]! += x[f]! * x[f]!;
      else {
        const factors = channels ?? x;
        let sum = 0;
        for (let i = 0; i < columns; i++) sum += x[i]! * factors[i]!;
        sums[row]! += sum;
      }
    }
  }
}

/** A dictionary's vectors as they are stored. */
export interface StoredVectors {
  encoderBias: Float32Array;
  decoderBias: Float32Array;
  threshold?: Float32Array;
  magnitude?: Float32Array;
  gateBias?: Float32Array;
}

/** The vectors of the common form. */
export type Folded = Shaping & Record<'encoderBias' | 'decoderBias', Float32Array>;

/** Below this a row counts as zeros: its inverse is no float32, and the row itself may be 0 to a GPU. */
const LEAST_NORM = 2 ** -126;

/** Folds a dictionary's vectors. Of one that has the common form already they are the same arrays, without scales. A
 *  decoder row of zeros has n = 0, so that its feature is never active. Throws CorruptFileError, with the file's name,
 *  where a result is no finite float32. */
export function foldVectors(
  { width, activation, fold }: Pick<DictionaryPlan, 'width' | 'activation' | 'fold'>,
  vectors: StoredVectors,
  { products, squares }: Pick<FoldSums, 'products' | 'squares'>,
  file: string,
): Folded {
  const { encoderBias, decoderBias, magnitude } = vectors;
  const s = fold.inputScale;
  const norm = squares?.map((square) => (Math.sqrt(square) < LEAST_NORM ? 0 : Math.sqrt(square) / s));
  const grown = magnitude && Float64Array.from(magnitude, (r) => Math.exp(r));
  const make = (what: string, length: number, of: (i: number) => number) =>
    Float32Array.from({ length }, (_, i) => {
      const x = Math.fround(of(i));
      if (Number.isFinite(x)) return x;
      throw new CorruptFileError(`${file}: the ${what} ${i} is not finite. Download or save the dictionary again.`, {
        file,
        index: i,
      });
    });
  const n = (i: number) => norm?.[i] ?? 1;
  const r = (i: number) => grown?.[i] ?? 1;
  return {
    activation: activation.kind,
    encoderScale: norm || grown || s !== 1 ? make('encoder scale', width, (i) => s * n(i) * r(i)) : null,
    decoderScale: norm || s !== 1 ? make('decoder scale', width, (i) => (n(i) === 0 ? 0 : 1 / (n(i) * s))) : null,
    threshold:
      activation.kind === 'topk'
        ? null
        : unlessZero(
            make('threshold', width, (i) => aboveZero(thresholdOf(activation.all, vectors, i)) * (grown ? n(i) : 1)),
          ),
    encoderBias:
      products || norm
        ? make('encoder bias', width, (i) => (encoderBias[i]! - (products?.[i] ?? 0) * r(i)) * n(i))
        : encoderBias,
    decoderBias: s === 1 ? decoderBias : make('decoder bias', decoderBias.length, (i) => decoderBias[i]! / s),
  };
}

function thresholdOf(all: number, { encoderBias, threshold, magnitude, gateBias }: StoredVectors, i: number): number {
  if (gateBias) return encoderBias[i]! - Math.exp(magnitude?.[i] ?? 0) * gateBias[i]!;
  return threshold ? threshold[i]! : all;
}

/** The active ones are above 0 too. Infinity becomes NaN, which is refused. */
const aboveZero = (theta: number) => (Number.isFinite(theta) ? Math.max(theta, 0) : Number.NaN);

const unlessZero = (numbers: Float32Array) => (numbers.some((x) => x !== 0) ? numbers : null);
