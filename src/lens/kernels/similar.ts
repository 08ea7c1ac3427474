import type { Rows } from './compute';
import { kernel, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** Cosines of one decoder row with all: 8 features a workgroup, 8 lanes a feature, bound by reading W_dec once. The
 *  rows' scales are not read: a cosine has none. */
const similar = (format: MatrixFormat) =>
  kernel({
    name: `similar ${format}`,
    args: ['feature', 'quads', 'width'],
    bindings: { decoder: packed[format], out: writes('f32') },
    body: () => /* wgsl */ `
var<workgroup> partial: array<vec3<f32>, ${8 * 9}>;${main(64)} {
  let block = group_index(id, groups) * 8u;
  if (block >= args.width) { return; }
  let row = min(block + (lane >> 3u), args.width - 1u);
  var sums = vec3<f32>(0.0);
  for (var q = lane & 7u; q < args.quads; q += 8u) {
    let own = decoder_quad(args.feature, q);
    let other = decoder_quad(row, q);
    sums += vec3<f32>(dot(own, other), dot(own, own), dot(other, other));
  }
  partial[(lane >> 3u) * 9u + (lane & 7u)] = sums;
  workgroupBarrier();
  if (lane < 8u && block + lane < args.width) {
    var all = vec3<f32>(0.0);
    for (var j = 0u; j < 8u; j++) { all += partial[lane * 9u + j]; }
    var cosine = 0.0;
    if (all.y > 0.0 && all.z > 0.0) { cosine = clamp(all.x / sqrt(all.y) / sqrt(all.z), -1.0, 1.0); }
    out[block + lane] = cosine;
  }
}
`,
  });

/** One dispatch: out [1, width]. */
export function recordSimilar(recorder: Recorder, dictionary: GpuDictionary, feature: number, out: Rows): void {
  const { quads, width, format, decoder } = dictionary;
  recorder.dispatch(similar(format), {
    args: { feature, quads, width },
    bindings: { decoder: { buffer: decoder }, out },
    groups: Math.ceil(width / 8),
  });
}
