import type { Rows } from './compute';
import { latentOf } from './encode';
import { kernel, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main, reduction, rowQuads } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** relu of one feature's pre-activation for each row of h: the bare one, or with `cut` 0 where it is not above its
 *  threshold. One workgroup a row. */
const preactivation = (format: MatrixFormat) =>
  kernel({
    name: `preactivation ${format}`,
    args: ['count', 'feature', 'd', 'quads', 'width', 'cut'],
    bindings: { h: rowQuads(false), encoder: packed[format], out: writes('f32') },
    body: () => /* wgsl */ `${reduction('total', 'f32', '+')}${latentOf}${main(256)} {
  let row = group_index(id, groups);
  if (row >= args.count) { return; }
  var sum = 0.0;
  for (var q = lane; q < args.quads; q += 256u) { sum += dot(encoder_quad(args.feature, q), h_quad(row, q)); }
  let whole = total(sum, lane);
  let p = select(preactivation_of(whole, args.feature), latent_of(whole, args.feature), args.cut == 1u);
  if (lane == 0u) { out[row] = select(0.0, p, p > 0.0); }
}
`,
  });

/** One dispatch. */
export function recordPreactivation(
  recorder: Recorder,
  dictionary: GpuDictionary,
  h: Rows,
  feature: number,
  out: Rows,
  cut: boolean,
): void {
  const { d, quads, width, format, encoder } = dictionary;
  recorder.dispatch(preactivation(format), {
    args: { count: out.rows, feature, d, quads, width, cut: Number(cut) },
    bindings: { h, encoder: { buffer: encoder }, out },
    groups: out.rows,
  });
}
