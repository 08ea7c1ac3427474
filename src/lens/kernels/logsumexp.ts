import type { Rows } from './compute';
import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { logitBits, main, reduction } from './snippets';

/** log sum exp of each row, after subtraction of the row's maximum, and the row's value at its target. One workgroup a
 *  row. A sum of 0 reveals a row of -infinity only: in any other row the largest number adds 1. */
const logsumexp = kernel({
  name: 'logsumexp',
  args: ['count', 'cols'],
  bindings: { targets: reads('u32'), x: reads('u32'), out: writes('u32') },
  body: () => /* wgsl */ `
${logitBits}${reduction('total', 'f32', '+')}${reduction('largest', 'vec2<f32>', 'max')}
${main(256)} {
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
`,
});

/** One dispatch. */
export function recordLogsumexp(
  recorder: Recorder,
  x: Rows,
  count: number,
  targets: Uint32Array | null,
  out: Rows,
): void {
  const table = targets ? targets.subarray(0, count) : new Uint32Array(count).fill(0xffffffff);
  recorder.dispatch(logsumexp, { args: { count, cols: x.cols }, bindings: { targets: table, x, out }, groups: count });
}
