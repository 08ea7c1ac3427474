import type { DictionaryWeights } from '../folders/dictionary-weights';
import type { Dictionary } from './compute';
import { storageBuffer } from './gpu-rows';
import { type Binding, reads } from './kernel';
import { layoutOf, type MatrixFormat, quadsOf } from './layout';

/**
 * A dictionary's matrices on the GPU. Each row of [width, d] is padded with zeros to a whole number of *quads* (4
 * numbers): 16 bytes in float32, 8 in float16, 4 in int8. Behind the rows stand their float32 scales, [width], filled up
 * to whole quads: a number is scale * what lies in the row. Then comes a *tail* of float32 quads: the encoder's bias and
 * the thresholds, or the decoder's bias and mu. One buffer a matrix keeps every kernel within the 8 storage buffers that
 * each WebGPU device allows.
 */
export class GpuDictionary implements Dictionary {
  readonly d: number;
  readonly width: number;
  readonly k: number;
  readonly activation: 'topk' | 'threshold';

  constructor(
    { d, width, k, activation }: Pick<Dictionary, 'd' | 'width' | 'k' | 'activation'>,
    readonly format: MatrixFormat,
    readonly encoder: GPUBuffer,
    readonly decoder: GPUBuffer,
  ) {
    [this.d, this.width, this.k, this.activation] = [d, width, k, activation];
  }
  get bytes(): number {
    return this.encoder.size + this.decoder.size;
  }
  /** Quads of one row. */
  get quads(): number {
    return quadsOf(this.d);
  }
}

function packMatrix(
  device: GPUDevice,
  label: string,
  matrix: Float32Array | Uint16Array,
  scales: Float32Array,
  tail: Float32Array[],
): GPUBuffer {
  const rows = scales.length;
  const cols = matrix.length / rows;
  const stride = quadsOf(cols) * 4;
  const format = matrix instanceof Float32Array ? 'float32' : 'float16';
  const lengths = tail.map((part) => part.length);
  const { scales: start, end } = layoutOf(format, rows, cols, lengths);
  const buffer = storageBuffer(device, end, label, true);
  const mapped = buffer.getMappedRange();
  const out =
    matrix instanceof Float32Array
      ? new Float32Array(mapped, 0, rows * stride)
      : new Uint16Array(mapped, 0, rows * stride);
  if (stride === cols) out.set(matrix);
  else for (let r = 0; r < rows; r++) out.set(matrix.subarray(r * cols, (r + 1) * cols), r * stride);
  let at = start;
  for (const part of [scales, ...tail]) {
    new Float32Array(mapped, at, part.length).set(part);
    at += quadsOf(part.length) * 16;
  }
  buffer.unmap();
  return buffer;
}

/** Scales of rows that are used as they are. */
export const ones = ({ width }: { width: number }): Float32Array<ArrayBuffer> => new Float32Array(width).fill(1);

/** Throws UnsupportedModelError where a matrix is larger than the GPU can bind. */
export function uploadDictionary(device: GPUDevice, w: DictionaryWeights): GpuDictionary {
  const encoder = packMatrix(device, 'The encoder', w.encoder, w.encoderScale ?? ones(w), [
    w.encoderBias,
    w.threshold ?? new Float32Array(w.width),
  ]);
  const decoder = packMatrix(device, 'The decoder', w.decoder, w.decoderScale ?? ones(w), [w.decoderBias, w.center]);
  return new GpuDictionary(w, w.dtype, encoder, decoder);
}

/** Reads a half by its bits: exact for subnormals, which `unpack2x16float` may flush, and without the shader-f16
 *  feature. */
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

/** Four codes of a byte each, the first in the lowest; without the packed_4x8_integer_dot_product extension of WGSL. */
const bytes = /* wgsl */ `
fn codes(word: u32) -> vec4<f32> {
  let places = vec4<u32>(word << 24u, word << 16u, word << 8u, word);
  return vec4<f32>(bitcast<vec4<i32>>(places) >> vec4<u32>(24u));
}
`;

/** One packed matrix with `name_quad(row, i)`, in units of `name_scale(row)`, and `name_tail(i)`; needs args.width and
 *  args.quads. */
export const packed: Readonly<Record<MatrixFormat, Binding>> = {
  float32: {
    ...reads('vec4<f32>'),
    accessors: (name) => /* wgsl */ `
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return ${name}[row * args.quads + i]; }
fn ${name}_scale(row: u32) -> f32 { return ${name}[args.width * args.quads + row / 4u][row & 3u]; }
fn ${name}_tail(i: u32) -> vec4<f32> { return ${name}[args.width * args.quads + (args.width + 3u) / 4u + i]; }
`,
  },
  float16: {
    ...reads('vec2<u32>'),
    prelude: halves,
    accessors: (name) => /* wgsl */ `
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return halves(${name}[row * args.quads + i]); }
fn ${name}_scale(row: u32) -> f32 { return bitcast<f32>(${name}[args.width * args.quads + row / 2u][row & 1u]); }
fn ${name}_tail(i: u32) -> vec4<f32> {
  let at = args.width * args.quads + 2u * ((args.width + 3u) / 4u + i);
  return bitcast<vec4<f32>>(vec4<u32>(${name}[at], ${name}[at + 1u]));
}
`,
  },
  int8: {
    ...reads('u32'),
    prelude: bytes,
    accessors: (name) => /* wgsl */ `
fn ${name}_quad(row: u32, i: u32) -> vec4<f32> { return codes(${name}[row * args.quads + i]); }
fn ${name}_scale(row: u32) -> f32 { return bitcast<f32>(${name}[args.width * args.quads + row]); }
fn ${name}_tail(i: u32) -> vec4<f32> {
  let at = args.width * args.quads + 4u * ((args.width + 3u) / 4u + i);
  return bitcast<vec4<f32>>(vec4<u32>(${name}[at], ${name}[at + 1u], ${name}[at + 2u], ${name}[at + 3u]));
}
`,
  },
};
