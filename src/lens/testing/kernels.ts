import { AS_STORED, type DictionaryWeights, type Shaping } from '../folders/dictionary-weights';
import type { Codes, Compute, Rows } from '../kernels/compute';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import { normals, uniform } from './numbers';

/** Help for the kernels' tests: one device a page, seeded numbers, dictionaries. */

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

/** A device without features. `bare`: with WebGPU's default limits, the least that any browser gives. Its `errors` fill
 *  with whatever WebGPU complains about. */
export async function testDevice(bare = false): Promise<{ device: GPUDevice; errors: string[] }> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter)
    throw new Error(
      'This Chromium has no WebGPU adapter; start it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
    );
  const requiredLimits = bare ? {} : Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const errors: string[] = [];
  device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));
  return { device, errors };
}

export interface Pair {
  gpu: Compute;
  cpu: Compute;
  device: GPUDevice;
  errors: string[];
  /** The same work on the GPU and on the oracle; what it returns of each. */
  both(work: (compute: Compute) => Rows[]): Promise<[Float32Array[], Float32Array[]]>;
}

export async function computePair(bare = false): Promise<Pair> {
  const { device, errors } = await testDevice(bare);
  const gpu = createWebGpuCompute(device);
  const cpu = createWasmCompute();
  return {
    gpu,
    cpu,
    device,
    errors,
    both: async (work) => [await gpu.read(work(gpu)), await cpu.read(work(cpu))],
  };
}

export { normals, uniform };

/** Whole numbers from -most to most: sums of their products are exact in float32, so that results agree to the bit, and
 *  ties abound. */
export function integers(length: number, seed: number, most = 2): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => Math.floor(next() * (2 * most + 1)) - most);
}

const HALF_INTEGERS = new Map([
  [-2, 0xc000],
  [-1, 0xbc00],
  [0, 0],
  [1, 0x3c00],
  [2, 0x4000],
]);

/** A dictionary of small whole numbers, in either dtype the same. */
export function integerDictionary(
  d: number,
  width: number,
  k: number,
  dtype: DictionaryWeights['dtype'],
  seed = 1,
): DictionaryWeights {
  const store = (a: Float32Array) => (dtype === 'float32' ? a : Uint16Array.from(a, (v) => HALF_INTEGERS.get(v)!));
  return {
    d,
    width,
    k,
    dtype,
    ...AS_STORED,
    encoder: store(integers(width * d, seed)),
    decoder: store(integers(width * d, seed + 1)),
    encoderBias: integers(width, seed + 2, 4),
    decoderBias: integers(d, seed + 3),
    center: integers(d, seed + 4),
  };
}

/** Thresholds and scales of whole numbers, so that pre-activations of whole numbers meet their thresholds exactly. Every
 *  fifth row has a scale of 0. */
export function integerShaping(width: number, seed: number, most = 3): Shaping {
  const next = uniform(seed);
  const scales = () => Float32Array.from({ length: width }, (_, f) => (f % 5 === 2 ? 0 : 1 + Math.floor(2 * next())));
  const threshold = Float32Array.from({ length: width }, () => Math.floor((most + 1) * next()));
  return { activation: 'threshold', encoderScale: scales(), decoderScale: scales(), threshold };
}

/** A dictionary of random numbers; as float16, of random halves below 1 with subnormals among them. */
export function randomDictionary(
  d: number,
  width: number,
  k: number,
  dtype: DictionaryWeights['dtype'],
  seed = 1,
): DictionaryWeights {
  const matrix = (s: number) => {
    if (dtype === 'float32') return normals(width * d, s, 1 / Math.sqrt(d));
    const next = uniform(s);
    return Uint16Array.from(
      { length: width * d },
      () => (next() < 0.5 ? 0x8000 : 0) | Math.floor(next() * (next() < 0.2 ? 0x400 : 0x3800)),
    );
  };
  return {
    d,
    width,
    k,
    dtype,
    ...AS_STORED,
    encoder: matrix(seed),
    decoder: matrix(seed + 1),
    encoderBias: normals(width, seed + 2, 0.1),
    decoderBias: normals(d, seed + 3, 0.1),
    center: normals(d, seed + 4, 0.1),
  };
}

export const listOf = (codes: Codes): Rows[] => [codes.ids, codes.values, codes.stats];

/** The bits of read-back u32 rows. */
export const u32 = (a: Float32Array): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, a.length);

/** The largest |a - b| / max(|b|, floor); NaN, which is below nothing, where one of them is NaN. */
export function worst(a: Float32Array, b: Float32Array, floor = 1): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs(a[i]! - b[i]!) / Math.max(Math.abs(b[i]!), floor);
    if (Number.isNaN(error)) return error;
    most = Math.max(most, error);
  }
  return most;
}

/** The oracle of kernels/int8.ts for rows of [., cols]. */
export function int8Rows(matrix: Float32Array, cols: number): { codes: Int8Array; scales: Float32Array } {
  const codes = new Int8Array(matrix.length);
  const scales = new Float32Array(matrix.length / cols);
  for (let row = 0; row < scales.length; row++) {
    let largest = 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) largest = Math.max(largest, Math.abs(matrix[i]!));
    scales[row] = largest / 127;
    const inverse = largest === 0 ? 0 : Math.fround(127 / largest);
    for (let i = row * cols; i < (row + 1) * cols; i++) codes[i] = roundEven(Math.fround(matrix[i]! * inverse));
  }
  return { codes, scales };
}

function roundEven(x: number): number {
  const near = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}
