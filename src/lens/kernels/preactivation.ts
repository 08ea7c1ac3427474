import type { GpuRows } from './gpu-rows';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { groupIndex, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packedMatrix, packedPrelude } from './weights';

/** relu of one feature's bare pre-activation for each row of h. One workgroup a row. */
const source = (format: MatrixFormat) => /* wgsl */ `
struct Args { count: u32, feature: u32, d: u32, quads: u32, width: u32 }
@group(0) @binding(0) var<uniform> args: Args;
${rowQuads('h', 1, false)}
${packedPrelude(format)}${packedMatrix('encoder', 2, format)}
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
${groupIndex}${reduction('total', 'f32', '+')}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let row = group_index(id, groups);
  if (row >= args.count) { return; }
  var sum = 0.0;
  for (var q = lane; q < args.quads; q += 256u) { sum += dot(encoder_quad(args.feature, q), h_quad(row, q)); }
  let p = total(sum, lane) * encoder_scale(args.feature) + encoder_tail(args.feature >> 2u)[args.feature & 3u];
  if (lane == 0u) { out[row] = select(0.0, p, p > 0.0); }
}
`;

/** One dispatch. */
export function recordPreactivation(
  recorder: Recorder,
  dictionary: GpuDictionary,
  h: GpuRows,
  count: number,
  feature: number,
  out: GpuRows,
): void {
  recorder.dispatch({
    key: `preactivation ${dictionary.format}`,
    source: () => source(dictionary.format),
    args: [count, feature, dictionary.d, dictionary.quads, dictionary.width],
    buffers: [h, { buffer: dictionary.encoder, bytes: dictionary.encoder.size }, out],
    groups: count,
  });
}
