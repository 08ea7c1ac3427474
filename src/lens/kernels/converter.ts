import { CorruptFileError, ShapeMismatchError } from '../api/errors';
import { BLOCK } from '../formats/quantise';
import { count } from '../maths/figures';

/** Number formats that checkpoints store, by safetensors' names. Little-endian. */
export type StoredFloat = 'F32' | 'F16' | 'BF16';

/** Converts stored numbers into the kept formats: on the GPU (convert.ts), or on the host (convert-host.ts), which is
 *  the GPU's oracle. Calls may overlap and are served in order; do not change `bytes` until then. Throws
 *  CorruptFileError, which says how many numbers are not finite or too large for a float16, and ShapeMismatchError if
 *  `bytes` has another length. */
export interface Converter {
  /** A row-major matrix [rows, columns], columns a multiple of 32, as formats/quantise.ts lays it out: packed [rows,
   *  columns / 32, 32 * bits / 8] and scales [rows, columns / 32]. */
  quantise(
    bytes: Uint8Array,
    dtype: StoredFloat,
    rows: number,
    columns: number,
    bits: 4 | 8,
  ): Promise<{ packed: Uint8Array; scales: Float32Array }>;
  /** `count` numbers as float16: nearest, ties to even, subnormals kept. */
  halves(bytes: Uint8Array, dtype: StoredFloat, count: number): Promise<Uint8Array>;
  destroy(): void;
}

export const BYTES_PER: Readonly<Record<StoredFloat, number>> = { F32: 4, F16: 2, BF16: 2 };

/** Bits of |x| as float32 from which on a float16 would be infinite: 65,520. Infinity and NaN are above it. */
export const TOO_LARGE = 0x477ff000;

export function checkNumbers(bytes: Uint8Array, dtype: StoredFloat, count: number): void {
  if (bytes.length !== count * BYTES_PER[dtype])
    throw new ShapeMismatchError(
      `${count} numbers as ${dtype} have ${count * BYTES_PER[dtype]} bytes, not ${bytes.length}.`,
      {
        have: bytes.length,
        count,
        dtype,
      },
    );
}

export function checkBlocks(columns: number): void {
  if (columns % BLOCK !== 0)
    throw new ShapeMismatchError(`Rows of ${columns} numbers are no whole blocks of ${BLOCK}.`, { columns });
}

export function refuseNumbers(refused: number, of: number): void {
  if (refused === 0) return;
  const are = refused === 1 ? 'is' : 'are';
  throw new CorruptFileError(
    `${count(refused)} of ${count(of)} numbers ${are} not finite or beyond ±65,504, where float16 ends. The file is damaged.`,
    { refused, count: of },
  );
}
