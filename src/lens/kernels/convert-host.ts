import { asUint16, bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../formats/halves';
import { quantise } from '../formats/quantise';
import { type Converter, checkBlocks, checkNumbers, refuseNumbers, type StoredFloat, TOO_LARGE } from './converter';

/** The converter in plain TypeScript: for browsers without a GPU, and what the GPU's is tested against. */
export function createHostConverter(): Converter {
  return {
    async quantise(bytes, dtype, rows, columns, bits) {
      checkBlocks(columns);
      return quantise(numbersOf(bytes, dtype, rows * columns), bits);
    },
    async halves(bytes, dtype, count) {
      const halves = float32ToFloat16(numbersOf(bytes, dtype, count));
      return new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
    },
    destroy() {},
  };
}

function numbersOf(bytes: Uint8Array, dtype: StoredFloat, count: number): Float32Array {
  checkNumbers(bytes, dtype, count);
  const numbers = storedNumbers(bytes, dtype);
  let refused = 0;
  for (const bits of new Uint32Array(numbers.buffer)) if ((bits & 0x7fffffff) >= TOO_LARGE) refused++;
  refuseNumbers(refused, count);
  return numbers;
}

/** What is stored, as float32 of its own memory: exact. */
export function storedNumbers(bytes: Uint8Array, dtype: StoredFloat): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.slice().buffer);
  return dtype === 'F16' ? float16ToFloat32(asUint16(bytes)) : bfloat16ToFloat32(asUint16(bytes));
}
