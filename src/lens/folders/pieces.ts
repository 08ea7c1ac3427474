/** A matrix or vector in its kept form: its rows in pieces. */
export interface PiecedTensor {
  /** Shape in the checkpoint: [N, K] for a matrix, [n] for a vector. */
  shape: readonly number[];
  encoding: Encoding;
  /** In row order; a vector is one piece with one row. */
  pieces: readonly TensorPiece[];
}

/** Layout of a piece's bytes. `q4`, `q8`: the packed blocks of all its rows, then the scales of all its rows as float32
 *  (quantise.ts). `f16`, `f32`: its numbers, row-major, little-endian. */
export type Encoding = 'q4' | 'q8' | 'f16' | 'f32';

export interface TensorPiece {
  rows: number;
  /** Returns a fresh array at every call, checked against its hash. Throws DamagedStoreError. */
  read(): Promise<Uint8Array>;
}

/** By the checkpoint's names. */
export type PiecedTensors = ReadonlyMap<string, PiecedTensor>;
