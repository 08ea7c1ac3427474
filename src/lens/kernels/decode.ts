import { ACTIVE, PEAK, STATS } from './compute';
import type { Encoding } from './encode';
import { kernel, reads, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** |h - h^|^2, |h - mu|^2, |h|^2 and the largest channel's share of it, for each row; h^ = sum z_i W_dec[i] + b_dec over
 *  the row's codes. One workgroup a row. A row that the codes kernel refused gets zeros. */
const decode = (format: MatrixFormat) =>
  kernel({
    name: `decode ${format}`,
    args: ['row', 'out_row', 'count', 'd', 'quads', 'width', 'k'],
    bindings: {
      h: rowQuads(false),
      decoder: packed[format],
      ids: reads('u32'),
      values: reads('f32'),
      stats: writes('f32'),
    },
    body: () => /* wgsl */ `${reduction('total', 'vec3<f32>', '+')}${reduction('largest', 'f32', 'max')}${main(256)} {
  let group = group_index(id, groups);
  if (group >= args.count) { return; }
  let codes = (args.out_row + group) * args.k;
  var squares = vec3<f32>(0.0);
  var most = 0.0;
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
    let channels = x * x;
    most = max(most, max(max(channels.x, channels.y), max(channels.z, channels.w)));
  }
  let sums = total(squares, lane);
  let channel = largest(most, lane);
  if (lane == 0u) {
    let at = (args.out_row + group) * ${STATS}u;
    let finite = stats[at + ${ACTIVE}u] >= 0.0;
    stats[at] = select(0.0, sums.x, finite);
    stats[at + 1u] = select(0.0, sums.y, finite);
    stats[at + 2u] = select(0.0, sums.z, finite);
    stats[at + ${PEAK}u] = 0.0;
    if (finite && sums.z > 0.0) { stats[at + ${PEAK}u] = channel / sums.z; }
  }
}
`,
  });

/** One dispatch: the stats of rows whose codes are there. */
export function recordDecode(recorder: Recorder, dictionary: GpuDictionary, { h, count, out }: Encoding): void {
  const { d, quads, width, k, format, decoder } = dictionary;
  recorder.dispatch(decode(format), {
    args: { row: h.from, out_row: out.from, count, d, quads, width, k },
    bindings: { h: h.rows, decoder: { buffer: decoder }, ...out.rows },
    groups: count,
  });
}
