import type { Slice } from './compute';
import { kernel, writes } from './kernel';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { main } from './snippets';
import { type GpuDictionary, packed } from './weights';

/** W_dec[feature] as float32. A lane a quad. */
const decoderRow = (format: MatrixFormat) =>
  kernel({
    name: `decoder row ${format}`,
    args: ['feature', 'row', 'd', 'quads', 'width'],
    bindings: { decoder: packed[format], out: writes('f32') },
    body: () => /* wgsl */ `${main(64)} {
  let q = group_index(id, groups) * 64u + lane;
  if (q >= args.quads) { return; }
  let numbers = decoder_scale(args.feature) * decoder_quad(args.feature, q);
  for (var c = 0u; c < 4u; c++) {
    if (4u * q + c < args.d) { out[args.row * args.d + 4u * q + c] = numbers[c]; }
  }
}
`,
  });

/** One dispatch. */
export function recordDecoderRow(recorder: Recorder, dictionary: GpuDictionary, feature: number, out: Slice): void {
  const { d, quads, width, format, decoder } = dictionary;
  recorder.dispatch(decoderRow(format), {
    args: { feature, row: out.from, d, quads, width },
    bindings: { decoder: { buffer: decoder }, out: out.rows },
    groups: Math.ceil(quads / 64),
  });
}
