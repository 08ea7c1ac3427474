import type { MatchedMove } from './compute';
import type { GpuRows } from './gpu-rows';
import type { Recorder } from './recorder';
import { groupIndex, reduction } from './snippets';

/** Move rows of h along unit directions by the |change| of other rows' reports. One workgroup a move. Where source and
 *  report are one buffer it is bound once, since WebGPU forbids a buffer that is read and written under two
 *  bindings. */
const source = (shared: boolean) => /* wgsl */ `
struct Args { moves: u32, h_row: u32, report_row: u32, d: u32 }
@group(0) @binding(0) var<uniform> args: Args;
@group(0) @binding(1) var<storage, read> moves: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> h: array<f32>;
@group(0) @binding(3) var<storage, read> directions: array<f32>;
@group(0) @binding(4) var<storage, read_write> report: array<f32>;
${shared ? '' : '@group(0) @binding(5) var<storage, read> source_report: array<f32>;'}
${groupIndex}${reduction('total', 'f32', '+')}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let group = group_index(id, groups);
  if (group >= args.moves) { return; }
  let move_row = moves[group].x;
  let start = (args.h_row + move_row) * args.d;
  let acted = ${shared ? 'report' : 'source_report'}[4u * moves[group].y];
  let change = select(0.0, ${shared ? 'report' : 'source_report'}[4u * moves[group].y + 1u], acted > 0.0);
  let along = moves[group].z * args.d;
  var square = 0.0;
  for (var i = lane; i < args.d; i += 256u) {
    let x = h[start + i];
    square += x * x;
    if (acted > 0.0) { h[start + i] = x + change * directions[along + i]; }
  }
  let norm = sqrt(total(square, lane));
  if (lane == 0u) {
    let at = 4u * (args.report_row + move_row);
    report[at] = acted;
    report[at + 1u] = change;
    report[at + 2u] = norm;
    report[at + 3u] = 0.0;
  }
}
`;

/** One dispatch. */
export function recordMatch(
  recorder: Recorder,
  h: GpuRows,
  hRow: number,
  moves: MatchedMove[],
  directions: GpuRows,
  from: GpuRows,
  report: GpuRows,
  reportRow: number,
): void {
  const shared = from.buffer === report.buffer;
  recorder.dispatch({
    key: `match ${shared ? 'one report' : 'two reports'}`,
    source: () => source(shared),
    args: [moves.length, hRow, reportRow, h.cols],
    table: Uint32Array.from(moves.flatMap((m) => [m.row, m.source, m.direction, 0])),
    buffers: shared ? [h, directions, report] : [h, directions, report, from],
    groups: moves.length,
  });
}
