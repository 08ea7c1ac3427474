import { CorruptFileError } from '../api/errors';
import { toFloat32 } from '../formats/safetensors';
import type { Converter } from '../kernels/converter';
import type { Piece } from './plan-pieces';

/** Converts a piece to its kept form (folders/pieces.ts). Throws CorruptFileError, with the tensor's name, for numbers
 *  that are not finite or do not fit. */
export async function convertPiece(
  piece: Piece,
  bytes: Uint8Array,
  converter: Converter,
): Promise<Uint8Array<ArrayBuffer>> {
  const { tensor, rows } = piece;
  const { name, dtype, encoding, columns } = tensor;
  if (encoding === 'f32') return vector(toFloat32(bytes, dtype, name), name);
  try {
    if (encoding === 'f16') return (await converter.halves(bytes, dtype, rows * columns)) as Uint8Array<ArrayBuffer>;
    const { packed, scales } = await converter.quantise(bytes, dtype, rows, columns, encoding === 'q4' ? 4 : 8);
    const both = new Uint8Array(packed.length + scales.byteLength);
    both.set(packed);
    both.set(new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength), packed.length);
    return both;
  } catch (error) {
    if (error instanceof CorruptFileError)
      throw new CorruptFileError(`${name}: ${error.message}`, { ...error.fields, tensor: name });
    throw error;
  }
}

function vector(numbers: Float32Array, name: string): Uint8Array<ArrayBuffer> {
  const odd = numbers.reduce((count, x) => count + (Number.isFinite(x) ? 0 : 1), 0);
  if (odd > 0)
    throw new CorruptFileError(`${name} holds ${odd} numbers that are not finite. Download it again.`, {
      tensor: name,
      count: odd,
    });
  return new Uint8Array(numbers.buffer as ArrayBuffer);
}
