import type { MatchedMoves } from './compute';
import { gpuRows } from './gpu-rows';
import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { main, reduction } from './snippets';

/** Move rows of h along unit directions by the |change| of other rows' reports. One workgroup a move. `source`: the
 *  binding of the other rows' report. */
const body = (source: 'report' | 'source_report') => () =>
  /* wgsl */ `${reduction('total', 'f32', '+')}${main(256)} {
  let group = group_index(id, groups);
  if (group >= args.moves) { return; }
  let move_row = moves[group].x;
  let start = (args.h_row + move_row) * args.d;
  let acted = ${source}[4u * moves[group].y];
  let change = select(0.0, ${source}[4u * moves[group].y + 1u], acted > 0.0);
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

const args = ['moves', 'h_row', 'report_row', 'd'] as const;
const bindings = { moves: reads('vec4<u32>'), h: writes('f32'), directions: reads('f32'), report: writes('f32') };

/** One buffer that holds source and report is bound once, since WebGPU forbids a buffer that is read and written under
 *  two bindings. */
const within = kernel({ name: 'match one report', args, bindings, body: body('report') });
const across = kernel({
  name: 'match two reports',
  args,
  bindings: { ...bindings, source_report: reads('f32') },
  body: body('source_report'),
});

/** One dispatch. */
export function recordMatch(recorder: Recorder, { h, moves, directions, source, report }: MatchedMoves): void {
  const work = {
    args: { moves: moves.length, h_row: h.from, report_row: report.from, d: h.rows.cols },
    bindings: {
      moves: Uint32Array.from(moves.flatMap((m) => [m.row, m.source, m.direction, 0])),
      h: h.rows,
      directions,
      report: report.rows,
    },
    groups: moves.length,
  };
  if (gpuRows(source).buffer === gpuRows(report.rows).buffer) recorder.dispatch(within, work);
  else recorder.dispatch(across, { ...work, bindings: { ...work.bindings, source_report: source } });
}
