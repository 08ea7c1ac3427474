import type { DictionaryFormat } from '../api/model';
import type { Shaping } from '../folders/dictionary-weights';

/** A matrix as it is kept: bits of float16, row-major, in pieces of whole rows. */
export interface MatrixPieces {
  /** Rows are [width, d], one a feature; where `transposed`, [d, width]. */
  transposed: boolean;
  /** In the order of the rows. `read` may be called more than once. */
  pieces: readonly { rows: number; read(): Promise<Uint8Array> }[];
}

/** A kept dictionary, read in pieces: on its way to a GPU it need not lie in memory whole. Its numbers are finite: the
 *  conversion has checked them. */
export interface DictionaryParts extends Shaping {
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
  /** Bytes of the pieces, as they are read. */
  onBytes?: (loaded: number, total: number) => void;
  signal?: AbortSignal;
}
