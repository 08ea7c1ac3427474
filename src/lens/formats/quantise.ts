/**
 * Quantises blocks of 32 numbers along a row symmetrically, in the layout that ONNX Runtime's MatMulNBits and
 * GatherBlockQuantized read without zero points: x = scale * (q - zero), with zero = 8 for 4 bits and 128 for 8. The
 * number of largest magnitude becomes q = 0, so that all levels are used (as in llama.cpp's Q4_0). Operators:
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md. This is the oracle of
 * kernels/convert.ts.
 */
export const BLOCK = 32;
/** A block with only smaller numbers becomes zeros with scale 0: a GPU may flush such small results to zero. No weight
 *  that matters is so small. */
export const TINY = 2 ** -100;

interface Quantised {
  /** [rows, columns / 32, 32 * bits / 8]; with 4 bits, the lower half of a byte comes first. */
  packed: Uint8Array<ArrayBuffer>;
  /** [rows, columns / 32]. */
  scales: Float32Array<ArrayBuffer>;
}

/** A row-major matrix [rows, columns]; columns must be a multiple of 32. */
export function quantise(matrix: Float32Array, bits: 4 | 8): Quantised {
  const zero = bits === 4 ? 8 : 128;
  const blocks = matrix.length / BLOCK;
  const packed = new Uint8Array((matrix.length * bits) / 8);
  const scales = new Float32Array(blocks);
  for (let b = 0; b < blocks; b++) {
    let largest = 0;
    for (let i = b * BLOCK; i < (b + 1) * BLOCK; i++)
      if (Math.abs(matrix[i]!) > Math.abs(largest)) largest = matrix[i]!;
    const scale = Math.abs(largest) < TINY ? 0 : Math.fround(largest / -zero);
    scales[b] = scale;
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
      const q = Math.min(
        2 * zero - 1,
        Math.max(0, Math.floor(Math.fround(Math.fround(matrix[i]! * inverse) + Math.fround(zero + 0.5)))),
      );
      if (bits === 8) packed[i] = q;
      else packed[i >> 1]! |= i % 2 === 0 ? q : q << 4;
    }
  }
  return { packed, scales };
}

/** The numbers that a quantised matrix stands for, row-major. */
export function dequantise({ packed, scales }: Quantised, bits: 4 | 8): Float32Array<ArrayBuffer> {
  const zero = bits === 4 ? 8 : 128;
  const numbers = new Float32Array((packed.length * 8) / bits);
  for (let i = 0; i < numbers.length; i++) {
    const q = bits === 8 ? packed[i]! : i % 2 === 0 ? packed[i >> 1]! & 15 : packed[i >> 1]! >> 4;
    numbers[i] = scales[Math.floor(i / BLOCK)]! * (q - zero);
  }
  return numbers;
}
