import type { GpuRows } from './gpu-rows';
import type { Recorder } from './recorder';
import { groupIndex, logitBits, reduction } from './snippets';

/** log sum exp of each row, after subtraction of the row's maximum, and the row's value at its target. One workgroup a
 *  row. A row of -infinity only is seen by its sum of 0: any other row's largest adds 1. */
const source = /* wgsl */ `
struct Args { count: u32, cols: u32 }
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;
${groupIndex}${logitBits}${reduction('total', 'f32', '+')}${reduction('largest', 'vec2<f32>', 'max')}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let row = group_index(id, groups);
  if (row >= args.count) { return; }
  let first = row * args.cols;
  var best = vec2<f32>(logit(LEAST), 0.0);
  for (var i = lane; i < args.cols; i += 256u) {
    let bits = x[first + i];
    best = max(best, vec2<f32>(logit(bits), select(1.0, 0.0, is_logit(bits))));
  }
  let top = largest(best, lane);
  var sum = 0.0;
  for (var i = lane; i < args.cols; i += 256u) { sum += weight(x[first + i], top.x); }
  let all = total(sum, lane);
  if (lane == 0u) {
    out[2u * row] = select(bitcast<u32>(top.x + log(all)), NAN, top.y > 0.0 || all == 0.0);
    let goal = targets[row];
    out[2u * row + 1u] = select(x[first + min(goal, args.cols - 1u)], 0u, goal == 0xffffffffu);
  }
}
`;

/** One dispatch. */
export function recordLogsumexp(
  recorder: Recorder,
  x: GpuRows,
  count: number,
  targets: Uint32Array | null,
  out: GpuRows,
): void {
  recorder.dispatch({
    key: 'logsumexp',
    source: () => source,
    args: [count, x.cols],
    table: targets ? targets.subarray(0, count) : new Uint32Array(count).fill(0xffffffff),
    buffers: [x, out],
    groups: count,
  });
}
