import type { DictionaryFormat } from '../api/model';

/** Where numbers lie in the buffers of a GPU. Arithmetic alone, so that sizes.ts, and with it a page, loads no
 *  kernel. */

/** How a matrix of a dictionary lies on the GPU. */
export type MatrixFormat = 'float32' | 'float16' | 'int8';

export const matrixFormatOf = (format: DictionaryFormat): MatrixFormat => (format === 'int8' ? 'int8' : 'float16');

const NUMBER_BYTES: Readonly<Record<MatrixFormat, number>> = { float32: 4, float16: 2, int8: 1 };

/** Size of the buffer for `bytes` bytes: a multiple of 16, so that ONNX Runtime can bind it, and at least 16. */
export const bufferBytes = (bytes: number): number => Math.max(16, Math.ceil(bytes / 16) * 16);

/** How many quads, of 4 numbers each, so many numbers need. */
export const quadsOf = (length: number): number => Math.ceil(length / 4);

/** Where the parts of one matrix's buffer begin, in bytes, and where it ends. `tail`: the lengths of its vectors. */
export function layoutOf(
  format: MatrixFormat,
  rows: number,
  cols: number,
  tail: readonly number[],
): { row: number; scales: number; end: number } {
  const row = quadsOf(cols) * 4 * NUMBER_BYTES[format];
  const scales = rows * row;
  const start = scales + quadsOf(rows) * 16;
  return { row, scales, end: tail.reduce((at, length) => at + quadsOf(length) * 16, start) };
}

export interface DictionarySize {
  d: number;
  width: number;
}

/** Both matrices of a dictionary with the lengths of their tails. */
export const matricesOf = ({ d, width }: DictionarySize) => [
  ['encoder', [width, width]] as const,
  ['decoder', [d, d]] as const,
];
