import { InvalidOptionError, ShapeMismatchError } from '../api/errors';
import type { DictionaryFormat } from '../api/model';
import { checkKept } from './checks';

/** A matrix as it is kept: bits of float16, row-major, in pieces of whole rows. */
export interface MatrixPieces {
  /** Rows are [width, d], one a feature; where `transposed`, [d, width]. */
  transposed: boolean;
  /** In the order of the rows. `read` may be called more than once. */
  pieces: readonly { rows: number; read(): Promise<Uint8Array> }[];
}

/** A dictionary that is too large to lie in memory on its way to the GPU. Its numbers are finite: they were looked at
 *  when they were converted. */
export interface DictionaryParts {
  d: number;
  width: number;
  k: number;
  format: DictionaryFormat;
  encoder: MatrixPieces;
  decoder: MatrixPieces;
  encoderBias: Float32Array; // [width]
  decoderBias: Float32Array; // [d]
  /** mu of FVU, [d]. */
  center: Float32Array;
}

export interface PartsOptions {
  /** Of the pieces, as they are read. */
  onBytes?: (loaded: number, total: number) => void;
  signal?: AbortSignal;
}

/** Throws ShapeMismatchError where the pieces' rows or a vector's length do not fit, UnsupportedModelError for a k that
 *  cannot be computed. */
export function checkParts({
  d,
  width,
  k,
  format,
  encoder,
  decoder,
  encoderBias,
  decoderBias,
  center,
}: DictionaryParts): void {
  const rowsOf = ({ transposed, pieces }: MatrixPieces) =>
    [pieces.reduce((sum, { rows }) => sum + rows, 0), transposed ? d : width] as const;
  const lengths: [string, number, number][] = [
    ['encoder rows', ...rowsOf(encoder)],
    ['decoder rows', ...rowsOf(decoder)],
    ['encoder biases', encoderBias.length, width],
    ['decoder biases', decoderBias.length, d],
    ['means', center.length, d],
  ];
  for (const [name, have, need] of lengths)
    if (have !== need)
      throw new ShapeMismatchError(`The dictionary has ${have} ${name}; ${need} are needed.`, { name, have, need });
  checkKept(k);
  if (format !== 'f16' && format !== 'int8')
    throw new InvalidOptionError(`A dictionary lies on the GPU as f16 or int8, not as ${String(format)}.`, { format });
}
