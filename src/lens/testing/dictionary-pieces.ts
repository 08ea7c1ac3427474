import { AS_STORED } from '../folders/dictionary-weights';
import type { DictionaryParts, MatrixPieces } from '../kernels/dictionary-parts';
import { integerDictionary, randomDictionary } from './kernels';

/** A float16 matrix [width, d] in pieces; transposed, [d, width]. */
export function piecesOf(
  matrix: Uint16Array,
  width: number,
  d: number,
  transposed: boolean,
  rowsEach: number,
): MatrixPieces {
  const [rows, cols] = transposed ? [d, width] : [width, d];
  const stored = new Uint16Array(matrix.length);
  for (let f = 0; f < width; f++)
    for (let i = 0; i < d; i++) stored[transposed ? i * width + f : f * d + i] = matrix[f * d + i]!;
  const pieces = [];
  for (let first = 0; first < rows; first += rowsEach) {
    const end = Math.min(rows, first + rowsEach);
    const bytes = new Uint8Array(stored.slice(first * cols, end * cols).buffer);
    pieces.push({ rows: end - first, read: async () => bytes.slice() });
  }
  return { transposed, pieces };
}

export interface Made {
  parts: DictionaryParts;
  /** Both matrices as [width, d]. */
  encoder: Uint16Array;
  decoder: Uint16Array;
}

/** A random dictionary in pieces of `rowsEach` rows, with its matrices whole. `whole`: of whole numbers. */
export function made(
  d: number,
  width: number,
  k: number,
  format: 'f16' | 'int8',
  { transposed = [false, true], rowsEach = 7, whole = false, seed = 1 } = {},
): Made {
  const weights = (whole ? integerDictionary : randomDictionary)(d, width, k, 'float16', seed);
  const { encoderBias, decoderBias, center } = weights;
  const [encoder, decoder] = [weights.encoder as Uint16Array, weights.decoder as Uint16Array];
  const pieces = (matrix: Uint16Array, i: number) => piecesOf(matrix, width, d, transposed[i]!, rowsEach);
  return {
    encoder,
    decoder,
    parts: {
      d,
      width,
      k,
      format,
      ...AS_STORED,
      encoder: pieces(encoder, 0),
      decoder: pieces(decoder, 1),
      encoderBias,
      decoderBias,
      center,
    },
  };
}
