import { kernel, writes } from './kernel';
import type { Recorder } from './recorder';
import { main } from './snippets';
import { packed } from './weights';

/** Rows of a dictionary's matrix as int8: each symmetric about 0, scale = largest |x| / 127, codes rounded with ties to
 *  even. A row of zeros has scale 0. The oracle is `int8Rows` of testing/kernels.ts.
 *
 *  A lane a row, so that no lane waits for another, which is slow on software adapters. The device's division may round
 *  differently from the oracle's, so a number between two codes may get the other code. */
const int8 = kernel({
  name: 'halves to int8',
  args: ['count', 'begin', 'width', 'quads'],
  bindings: { source: packed.float16, out: writes('u32') },
  body: () => /* wgsl */ `${main(64)} {
  let row = group_index(id, groups) * 64u + lane;
  if (row >= args.count) { return; }
  var largest = vec4<f32>(0.0);
  for (var q = 0u; q < args.quads; q++) { largest = max(largest, abs(source_quad(row, q))); }
  let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  var inverse = 0.0;
  if (most > 0.0) { inverse = 127.0 / most; }
  for (var q = 0u; q < args.quads; q++) {
    let codes = bitcast<vec4<u32>>(
      vec4<i32>(clamp(round(source_quad(row, q) * inverse), vec4<f32>(-127.0), vec4<f32>(127.0)))
    ) & vec4<u32>(255u);
    out[(args.begin + row) * args.quads + q] = codes.x | (codes.y << 8u) | (codes.z << 16u) | (codes.w << 24u);
  }
  let scale = args.width * args.quads + args.begin + row;
  out[scale] = bitcast<u32>(bitcast<f32>(out[scale]) * (most / 127.0));
}
`,
});

/** One dispatch: `count` rows of halves [., 4 * quads] into rows begin .. of an int8 matrix of `width` rows. The rows'
 *  own scales lie behind them already (weights.ts), and are multiplied by those of the codes. */
export function recordInt8(
  recorder: Recorder,
  halves: GPUBuffer,
  target: GPUBuffer,
  args: { count: number; begin: number; width: number; quads: number },
): void {
  const bindings = { source: { buffer: halves }, out: { buffer: target } };
  recorder.dispatch(int8, { args, bindings, groups: Math.ceil(args.count / 64) });
}
