import { ACTIVE, PEAK, STATS } from './compute';
import type { Encoding } from './encode';
import { kernel, reads, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** |h - h^|^2, |h - mu|^2, |h|^2 and the largest channel's share of it, for each row; h^ = sum z_i W_dec[i] + b_dec. One
 *  workgroup a row. A row that the codes kernel refused gets zeros. `sum`: WGSL that adds quad q of the latents' part to
 *  `reconstruction`. */
const body = (sum: string) => () =>
  /* wgsl */ `
${reduction('total', 'vec3<f32>', '+')}${reduction('largest', 'f32', 'max')}${main(256)} {
  let group = group_index(id, groups);
  if (group >= args.count) { return; }
  let codes = (args.out_row + group) * args.k;
  let at = (args.out_row + group) * ${STATS}u;
  let latents = stats[at + ${ACTIVE}u];
  var squares = vec3<f32>(0.0);
  var most = 0.0;
  for (var q = lane; q < args.quads; q += 256u) {
    var reconstruction = decoder_tail(q);
    ${sum}
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
    let finite = latents >= 0.0;
    stats[at] = select(0.0, sums.x, finite);
    stats[at + 1u] = select(0.0, sums.y, finite);
    stats[at + 2u] = select(0.0, sums.z, finite);
    stats[at + ${PEAK}u] = 0.0;
    if (finite && sums.z > 0.0) { stats[at + ${PEAK}u] = channel / sums.z; }
  }
}
`;

const ofCodes = /* wgsl */ `
    for (var j = codes; j < codes + args.k; j++) {
      if (ids[j] == 0xffffffffu) { break; }
      reconstruction += (values[j] * decoder_scale(ids[j])) * decoder_quad(ids[j], q);
    }
`;

/** Of a row with more active latents than slots, all that are in its pre-activations. */
const ofAll = /* wgsl */ `
    if (latents > f32(args.k)) {
      for (var feature = 0u; feature < args.width; feature++) {
        let z = p[group * args.width + feature];
        if (z > 0.0) { reconstruction += (z * decoder_scale(feature)) * decoder_quad(feature, q); }
      }
    } else {${ofCodes}}
`;

const args = ['row', 'out_row', 'count', 'd', 'quads', 'width', 'k'] as const;

const bindings = (format: MatrixFormat) => ({
  h: rowQuads(false),
  decoder: packed[format],
  ids: reads('u32'),
  values: reads('f32'),
  stats: writes('f32'),
});

/** For a top-k dictionary, whose codes are all that is active. */
const decodeCodes = (format: MatrixFormat) =>
  kernel({ name: `decode ${format}`, args, bindings: bindings(format), body: body(ofCodes) });

const decodeAll = (format: MatrixFormat) =>
  kernel({
    name: `decode all ${format}`,
    args,
    bindings: { ...bindings(format), p: reads('f32') },
    body: body(ofAll),
  });

/** One dispatch: the stats of rows whose codes are there. `p`: their pre-activations, as `recordPreactivations` left
 *  them. */
export function recordDecode(
  recorder: Recorder,
  dictionary: GpuDictionary,
  { h, count, out }: Encoding,
  p: GPUBuffer,
): void {
  const { d, quads, width, k, format, decoder, activation } = dictionary;
  const one = {
    args: { row: h.from, out_row: out.from, count, d, quads, width, k },
    bindings: { h: h.rows, decoder: { buffer: decoder }, ...out.rows },
    groups: count,
  };
  if (activation === 'topk') recorder.dispatch(decodeCodes(format), one);
  else {
    const latents = { buffer: p, bytes: count * width * 4 };
    recorder.dispatch(decodeAll(format), { ...one, bindings: { ...one.bindings, p: latents } });
  }
}
