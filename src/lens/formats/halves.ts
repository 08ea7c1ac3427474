/** Stored floats as float32. Assumes a little-endian machine, which every platform with WebGPU is. */

/** float32 bits of every float16: 256 KiB, made once. */
let halfBits: Uint32Array | null = null;

function halfTable(): Uint32Array {
  if (halfBits) return halfBits;
  const table = new Uint32Array(1 << 16);
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  for (let half = 0; half < 1 << 16; half++) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) table[half] = (sign | 0x7f800000 | (fraction << 13)) >>> 0;
    else if (exponent > 0) table[half] = (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
    else {
      number[0] = fraction * 2 ** -24;
      table[half] = (sign | bits[0]!) >>> 0;
    }
  }
  halfBits = table;
  return table;
}

/** Exact, including subnormals, infinities and the payload of NaN. Returns a new array with its own memory. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const table = halfTable();
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]!]!;
  return new Float32Array(bits.buffer);
}

/** Exact: bfloat16 is the upper half of float32. Returns a new array with its own memory. */
export function bfloat16ToFloat32(values: Uint16Array): Float32Array {
  const bits = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = values[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** The bits of the nearest float16, ties to even; infinity from 65,520 on. NaN stays NaN, but loses its payload. */
export function float32ToFloat16(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  // Plain loops: WebAssembly's converter takes a checkpoint through here.
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]!);
  return halves;
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 a float16 has steps of 2^-24; less than half a step rounds to zero.
  if (magnitude < 0x33000000) return sign;
  if (magnitude < 0x38800000) return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, 126 - (magnitude >>> 23));
  return sign | roundedShift(magnitude - 0x38000000, 13);
}

function roundedShift(number: number, shift: number): number {
  const whole = number >>> shift;
  const rest = number & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && whole % 2 === 1) ? whole + 1 : whole;
}

/** The bytes as 16-bit numbers: a view where they are aligned, else a copy. */
export function asUint16(bytes: Uint8Array): Uint16Array {
  if (bytes.byteOffset % 2 !== 0) return new Uint16Array(bytes.slice().buffer);
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
