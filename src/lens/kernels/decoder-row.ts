import type { GpuRows } from './gpu-rows';
import type { MatrixFormat } from './layout';
import type { Recorder } from './recorder';
import { groupIndex } from './snippets';
import { type GpuDictionary, packedMatrix, packedPrelude } from './weights';

/** W_dec[feature] as float32. A lane a quad. */
const source = (format: MatrixFormat) => /* wgsl */ `
struct Args { feature: u32, row: u32, d: u32, quads: u32, width: u32 }
@group(0) @binding(0) var<uniform> args: Args;
${packedPrelude(format)}${packedMatrix('decoder', 1, format)}
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
${groupIndex}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let q = group_index(id, groups) * 64u + lane;
  if (q >= args.quads) { return; }
  let numbers = decoder_scale(args.feature) * decoder_quad(args.feature, q);
  for (var c = 0u; c < 4u; c++) {
    if (4u * q + c < args.d) { out[args.row * args.d + 4u * q + c] = numbers[c]; }
  }
}
`;

/** One dispatch: out[row]. */
export function recordDecoderRow(
  recorder: Recorder,
  dictionary: GpuDictionary,
  feature: number,
  out: GpuRows,
  row: number,
): void {
  const { d, quads, width, format, decoder } = dictionary;
  recorder.dispatch({
    key: `decoder row ${format}`,
    source: () => source(format),
    args: [feature, row, d, quads, width],
    buffers: [{ buffer: decoder, bytes: decoder.size }, out],
    groups: Math.ceil(quads / 64),
  });
}
