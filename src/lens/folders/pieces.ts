/** A matrix or vector as it is kept: its rows in pieces. */
export interface PiecedTensor {
  /** As in the checkpoint: [N, K] of a matrix, [n] of a vector. */
  shape: readonly number[];
  encoding: Encoding;
  /** In the order of the rows; a vector is one piece of one row. */
  pieces: readonly TensorPiece[];
}

/** What a piece's bytes are. `q4`, `q8`: the packed blocks of all its rows, then the scales of all its rows as float32
 *  (quantise.ts). `f16`, `f32`: its numbers, row-major, little-endian. */
export type Encoding = 'q4' | 'q8' | 'f16' | 'f32';

export interface TensorPiece {
  rows: number;
  /** A fresh array at every call, checked against its hash. Throws DamagedStoreError. */
  read(): Promise<Uint8Array>;
}

/** By the checkpoint's names. */
export type PiecedTensors = ReadonlyMap<string, PiecedTensor>;
