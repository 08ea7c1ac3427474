import { DamagedStoreError, throwIfAborted, UnsupportedModelError } from '../api/errors';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import { asUint16, float16ToFloat32 } from '../formats/halves';
import { transpose } from '../formats/transpose';
import { bytesSay, count } from '../maths/figures';
import { checkParts } from './checks';
import type { DictionaryParts, MatrixPieces, PartsOptions } from './dictionary-parts';

/** Reads a kept dictionary into memory as float32, exactly, whatever format a GPU would have it in. Throws
 *  ShapeMismatchError and DamagedStoreError for wrong pieces, UnsupportedModelError where there is not so much memory,
 *  AbortedError. */
export async function readDictionaryParts(
  parts: DictionaryParts,
  { signal, onBytes }: PartsOptions = {},
): Promise<DictionaryWeights> {
  checkParts(parts);
  const { d, width, format: _, encoder, decoder, ...rest } = parts;
  const total = 2 * 2 * d * width;
  let loaded = 0;

  /** An array of the matrix's size. What no browser states is how long an array may be. */
  function made(make: () => Float32Array): Float32Array {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const bytes = 12 * d * width;
      throw new UnsupportedModelError(
        `The dictionary of ${count(width)} latents needs ${bytesSay(bytes)} of memory while it is read as float32, and this browser gives no more. Use a browser with WebGPU on a real GPU, or a narrower dictionary.`,
        { bytes },
      );
    }
  }

  async function matrix({ transposed, pieces }: MatrixPieces): Promise<Float32Array> {
    const columns = transposed ? width : d;
    const numbers = made(() => new Float32Array(d * width));
    let at = 0;
    for (const { rows, read } of pieces) {
      throwIfAborted(signal);
      const bytes = await read();
      if (bytes.length !== 2 * rows * columns)
        throw new DamagedStoreError(
          `A kept part of the dictionary has ${bytes.length} bytes and should have ${2 * rows * columns}. Open it again to fetch it anew.`,
        );
      numbers.set(float16ToFloat32(asUint16(bytes)), at);
      at += rows * columns;
      loaded += bytes.length;
      onBytes?.(loaded, total);
    }
    throwIfAborted(signal);
    return transposed ? made(() => transpose(numbers, d, width)) : numbers;
  }

  return { ...rest, d, width, dtype: 'float32', encoder: await matrix(encoder), decoder: await matrix(decoder) };
}
