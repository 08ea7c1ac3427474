import type { WeightFormat } from '../api/model';
import type { DecoderConfig } from '../folders/config';
import type { PiecedTensor } from '../folders/pieces';
import { float32ToFloat16 } from '../formats/halves';
import { quantise } from '../formats/quantise';
import type { Weights } from '../formats/safetensors';
import { encodingOf, tensorsOf } from '../graph/tensors';

/** A checkpoint's tensors as a store would keep them, in memory: matrices in pieces of `rows` rows, the last one
 *  shorter. */
export function keep(
  config: DecoderConfig,
  weights: Weights,
  format: WeightFormat,
  rows = 24,
): Map<string, PiecedTensor> {
  return new Map(
    tensorsOf(config).map((tensor) => {
      const { name, shape } = tensor;
      const numbers = weights.float32(name, shape);
      const [count, columns] = shape.length === 1 ? [1, shape[0]] : shape;
      const encoding = encodingOf(format, tensor);
      const pieces = Array.from({ length: Math.ceil(count / rows) }, (_, i) => {
        const part = numbers.subarray(i * rows * columns, Math.min(count, (i + 1) * rows) * columns);
        return { rows: part.length / columns, read: async () => encoded(part, encoding) };
      });
      return [name, { shape, encoding, pieces }];
    }),
  );
}

function encoded(numbers: Float32Array, encoding: PiecedTensor['encoding']): Uint8Array {
  if (encoding === 'f32') return new Uint8Array(numbers.slice().buffer);
  if (encoding === 'f16') return new Uint8Array(float32ToFloat16(numbers).buffer);
  const { packed, scales } = quantise(numbers, encoding === 'q4' ? 4 : 8);
  const bytes = new Uint8Array(packed.length + scales.byteLength);
  bytes.set(packed);
  bytes.set(new Uint8Array(scales.buffer), packed.length);
  return bytes;
}
