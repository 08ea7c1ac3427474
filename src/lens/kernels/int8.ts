import type { Recorder } from './recorder';
import { groupIndex } from './snippets';
import { packedMatrix, packedPrelude } from './weights';

/** Rows of a dictionary's matrix as int8: each symmetric about 0, scale = largest |x| / 127, codes rounded with ties to
 *  even. A row of zeros has scale 0. `int8Rows` of testing/kernels.ts is the oracle. A lane a row, so that no lane waits for another, which is slow on software adapters. The device's division may round
 *  otherwise than the oracle's: a code that lies between two may be the other one. */
const wgsl = /* wgsl */ `
struct Args { count: u32, begin: u32, width: u32, quads: u32 }
@group(0) @binding(0) var<uniform> args: Args;
${packedPrelude('float16')}${packedMatrix('source', 1, 'float16')}
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
${groupIndex}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let row = group_index(id, groups) * 64u + lane;
  if (row >= args.count) { return; }
  var largest = vec4<f32>(0.0);
  for (var q = 0u; q < args.quads; q++) { largest = max(largest, abs(source_quad(row, q))); }
  let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  var inverse = 0.0;
  if (most > 0.0) { inverse = 127.0 / most; }
  for (var q = 0u; q < args.quads; q++) {
    let codes = bitcast<vec4<u32>>(vec4<i32>(clamp(round(source_quad(row, q) * inverse), vec4<f32>(-127.0), vec4<f32>(127.0)))) & vec4<u32>(255u);
    out[(args.begin + row) * args.quads + q] = codes.x | (codes.y << 8u) | (codes.z << 16u) | (codes.w << 24u);
  }
  out[args.width * args.quads + args.begin + row] = bitcast<u32>(most / 127.0);
}
`;

/** One dispatch: rows of halves [count, 4 * quads] into rows from .. of an int8 matrix of `width` rows, and their
 *  scales behind them (weights.ts). */
export function recordInt8(
  recorder: Recorder,
  halves: GPUBuffer,
  count: number,
  target: GPUBuffer,
  from: number,
  width: number,
  quads: number,
): void {
  recorder.dispatch({
    key: 'halves to int8',
    source: () => wgsl,
    args: [count, from, width, quads],
    buffers: [
      { buffer: halves, bytes: halves.size },
      { buffer: target, bytes: target.size },
    ],
    groups: Math.ceil(count / 64),
  });
}
