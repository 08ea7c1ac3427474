import type { GpuRows } from './gpu-rows';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { groupIndex, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packedMatrix, packedPrelude } from './weights';

/** |h - h^|^2, |h - mu|^2 and |h|^2 of each row, h^ = sum z_i W_dec[i] + b_dec over the row's codes. One workgroup a
 *  row. Reads stats[3], which the top-k kernel wrote: a row that is not finite gets zeros. */
const source = (format: MatrixFormat) => /* wgsl */ `
struct Args { row: u32, out_row: u32, count: u32, d: u32, quads: u32, width: u32, k: u32 }
@group(0) @binding(0) var<uniform> args: Args;
${rowQuads('h', 1, false)}
${packedPrelude(format)}${packedMatrix('decoder', 2, format)}
@group(0) @binding(3) var<storage, read> ids: array<u32>;
@group(0) @binding(4) var<storage, read> values: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<f32>;
${groupIndex}${reduction('total', 'vec3<f32>', '+')}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let group = group_index(id, groups);
  if (group >= args.count) { return; }
  let codes = (args.out_row + group) * args.k;
  var squares = vec3<f32>(0.0);
  for (var q = lane; q < args.quads; q += 256u) {
    var reconstruction = decoder_tail(q);
    for (var j = codes; j < codes + args.k; j++) {
      if (ids[j] == 0xffffffffu) { break; }
      reconstruction += (values[j] * decoder_scale(ids[j])) * decoder_quad(ids[j], q);
    }
    let x = h_quad(args.row + group, q);
    let error = x - reconstruction;
    let spread = x - decoder_tail(args.quads + q);
    squares += vec3<f32>(dot(error, error), dot(spread, spread), dot(x, x));
  }
  let sums = total(squares, lane);
  if (lane == 0u) {
    let at = (args.out_row + group) * 4u;
    let finite = stats[at + 3u] == 0.0;
    stats[at] = select(0.0, sums.x, finite);
    stats[at + 1u] = select(0.0, sums.y, finite);
    stats[at + 2u] = select(0.0, sums.z, finite);
  }
}
`;

/** One dispatch: stats rows outRow .. outRow + count of h[hRow .. hRow + count). */
export function recordDecode(
  recorder: Recorder,
  dictionary: GpuDictionary,
  h: GpuRows,
  hRow: number,
  count: number,
  ids: GpuRows,
  values: GpuRows,
  stats: GpuRows,
  outRow: number,
): void {
  recorder.dispatch({
    key: `decode ${dictionary.format}`,
    source: () => source(dictionary.format),
    args: [hRow, outRow, count, dictionary.d, dictionary.quads, dictionary.width, dictionary.k],
    buffers: [h, { buffer: dictionary.decoder, bytes: dictionary.decoder.size }, ids, values, stats],
    groups: count,
  });
}
