import type { GpuRows } from './gpu-rows';
import type { Recorder } from './recorder';
import { groupIndex } from './snippets';

/** Codes into rows of zeros, one lane a code. Ids of a row differ, so no two lanes write one place. */
const source = /* wgsl */ `
struct Args { codes: u32, first: u32, k: u32, width: u32 }
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
${groupIndex}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = group_index(id, groups) * 256u + lane;
  if (i >= args.codes) { return; }
  let feature = ids[args.first + i];
  if (feature != 0xffffffffu) { out[(i / args.k) * args.width + feature] = values[args.first + i]; }
}
`;

/** One clear and one dispatch: out [count, width] from code rows row .. row + count. */
export function recordScatter(
  recorder: Recorder,
  width: number,
  k: number,
  ids: GpuRows,
  values: GpuRows,
  row: number,
  count: number,
  out: GpuRows,
): void {
  recorder.clear(out.buffer, count * width * 4);
  recorder.dispatch({
    key: 'scatter',
    source: () => source,
    args: [count * k, row * k, k, width],
    buffers: [ids, values, out],
    groups: Math.ceil((count * k) / 256),
  });
}
