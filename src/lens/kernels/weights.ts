import type { DictionaryWeights } from '../artifacts/dictionary-weights';
import type { Dictionary } from './compute';
import { storageBuffer } from './gpu-rows';

/**
 * A dictionary's matrices on the GPU. Each row of [width, d] is padded with zeros to a whole number of *quads* (4 numbers): 16 bytes in float32,
 * 8 in float16. Behind the rows stands a *tail* of float32 quads: the encoder's bias, or the decoder's bias and then mu. One buffer a matrix keeps
 * every kernel within the 8 storage buffers that each WebGPU device allows.
 */
export class GpuDictionary implements Dictionary {
  constructor(
    readonly d: number,
    readonly width: number,
    readonly k: number,
    readonly half: boolean,
    readonly encoder: GPUBuffer,
    readonly decoder: GPUBuffer,
  ) {}
  /** Quads of one row. */
  get quads(): number {
    return Math.ceil(this.d / 4);
  }
}

function packMatrix(device: GPUDevice, label: string, matrix: Float32Array | Uint16Array, rows: number, cols: number, tail: Float32Array[]): GPUBuffer {
  const stride = Math.ceil(cols / 4) * 4;
  const element = matrix.BYTES_PER_ELEMENT;
  const tailStart = rows * stride * element;
  const tailBytes = tail.reduce((sum, part) => sum + Math.ceil(part.length / 4) * 16, 0);
  const buffer = storageBuffer(device, tailStart + tailBytes, label, true);
  const mapped = buffer.getMappedRange();
  const out = matrix instanceof Float32Array ? new Float32Array(mapped, 0, rows * stride) : new Uint16Array(mapped, 0, rows * stride);
  if (stride === cols) out.set(matrix);
  else for (let r = 0; r < rows; r++) out.set(matrix.subarray(r * cols, (r + 1) * cols), r * stride);
  let at = tailStart;
  for (const part of tail) {
    new Float32Array(mapped, at, part.length).set(part);
    at += Math.ceil(part.length / 4) * 16;
  }
  buffer.unmap();
  return buffer;
}

/** Throws UnsupportedModelError where a matrix is larger than the GPU can bind. */
export function uploadDictionary(device: GPUDevice, w: DictionaryWeights): GpuDictionary {
  const encoder = packMatrix(device, 'The encoder', w.encoder, w.width, w.d, [w.encoderBias]);
  const decoder = packMatrix(device, 'The decoder', w.decoder, w.width, w.d, [w.decoderBias, w.center]);
  return new GpuDictionary(w.d, w.width, w.k, w.dtype === 'float16', encoder, decoder);
}

/** Reads a half by its bits: exact for subnormals, which `unpack2x16float` may flush, and without the shader-f16 feature. */
const halves = /* wgsl */ `
fn halves(words: vec2<u32>) -> vec4<f32> {
  let bits = vec4<u32>(words.x & 0xffffu, words.x >> 16u, words.y & 0xffffu, words.y >> 16u);
  let magnitude = bits & vec4<u32>(0x7fffu);
  let special = select(vec4<u32>(0u), vec4<u32>(0x38000000u), magnitude >= vec4<u32>(0x7c00u));
  let normal = (magnitude << vec4<u32>(13u)) + vec4<u32>(0x38000000u) + special;
  let subnormal = bitcast<vec4<u32>>(vec4<f32>(magnitude) * 0x1p-24f);
  let size = select(normal, subnormal, magnitude < vec4<u32>(0x0400u));
  return bitcast<vec4<f32>>(size | ((bits & vec4<u32>(0x8000u)) << vec4<u32>(16u)));
}
`;

/** `name_quad(row, i)` and `name_tail(i)` for one packed matrix; needs args.width and args.quads. */
export function packedMatrix(name: string, binding: number, half: boolean): string {
  if (half) {
    return /* wgsl */ `
@group(0) @binding(${binding}) var<storage, read> ${name}: array<vec2<u32>>;
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return halves(${name}[row * args.quads + i]); }
fn ${name}_tail(i: u32) -> vec4<f32> {
  let at = args.width * args.quads + 2u * i;
  return bitcast<vec4<f32>>(vec4<u32>(${name}[at], ${name}[at + 1u]));
}
`;
  }
  return /* wgsl */ `
@group(0) @binding(${binding}) var<storage, read> ${name}: array<vec4<f32>>;
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return ${name}[row * args.quads + i]; }
fn ${name}_tail(i: u32) -> vec4<f32> { return ${name}[args.width * args.quads + i]; }
`;
}

/** What `packedMatrix` needs once a module. */
export const packedPrelude = (half: boolean): string => (half ? halves : '');
