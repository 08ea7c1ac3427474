import type { Rows } from './compute';
import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { logitBits, main, reduction } from './snippets';

/**
 * KL(softmax p || softmax q), one workgroup a pair. With t = log p - log q the sum is taken as sum p (t - 1 + e^-t):
 * equal to sum p t because both distributions sum to 1, but no term is negative and an error of the normalisers enters
 * in second order only, where the plain sum would lose a KL below 1e-5 in float32. For small t the term is its series;
 * otherwise p e^-t is taken as q, which holds where p underflows too, or is 0. A sum of 0 reveals a row of
 * -infinity only.
 */
const kl = kernel({
  name: 'kl',
  args: ['pairs', 'cols'],
  bindings: { pairs: reads('vec2<u32>'), p: reads('u32'), q: reads('u32'), out: writes('u32') },
  body: () => /* wgsl */ `
const INFINITE = 1.0;
const INVALID = 2.0;
${logitBits}${reduction('total', 'vec2<f32>', '+')}${reduction('largest', 'vec3<f32>', 'max')}${main(256)} {
  let pair = group_index(id, groups);
  if (pair >= args.pairs) { return; }
  let p_first = pairs[pair].x * args.cols;
  let q_first = pairs[pair].y * args.cols;
  var best = vec3<f32>(logit(LEAST), logit(LEAST), 0.0);
  for (var i = lane; i < args.cols; i += 256u) {
    let x = p[p_first + i];
    let y = q[q_first + i];
    var state = select(0.0, INFINITE, y == MINUS_INFINITY && x != MINUS_INFINITY);
    if (!is_logit(x) || !is_logit(y)) { state = INVALID; }
    best = max(best, vec3<f32>(logit(x), logit(y), state));
  }
  let top = largest(best, lane);
  var sum = vec2<f32>(0.0);
  for (var i = lane; i < args.cols; i += 256u) {
    sum += vec2<f32>(weight(p[p_first + i], top.x), weight(q[q_first + i], top.y));
  }
  let sums = total(sum, lane);
  let norms = log(sums);
  var divergence = 0.0;
  for (var i = lane; i < args.cols; i += 256u) {
    let x = p[p_first + i];
    let y = q[q_first + i];
    if (x == MINUS_INFINITY) {
      divergence += weight(y, top.y) / sums.y;
      continue;
    }
    let a = logit(x) - top.x;
    let b = logit(y) - top.y;
    let t = (a - b) - (norms.x - norms.y);
    let chance = exp(a - norms.x);
    if (abs(t) < 0.125) {
      divergence += chance * t * t * (0.5 - t * (1.0 / 6.0 - t * (1.0 / 24.0 - t * (1.0 / 120.0 - t / 720.0))));
    } else {
      let weighted = select(0.0, chance * (t - 1.0), chance > 0.0);
      divergence += max(0.0, weighted + exp(b - norms.y));
    }
  }
  let all = total(vec2<f32>(divergence, 0.0), lane);
  if (lane == 0u) {
    var result = select(bitcast<u32>(all.x), INFINITY, top.z == INFINITE);
    if (top.z == INVALID || sums.x == 0.0 || sums.y == 0.0) { result = NAN; }
    out[pair] = result;
  }
}
`,
});

/** One dispatch. */
export function recordKl(recorder: Recorder, p: Rows, q: Rows, pairs: { p: number; q: number }[], out: Rows): void {
  recorder.dispatch(kl, {
    args: { pairs: pairs.length, cols: p.cols },
    bindings: { pairs: Uint32Array.from(pairs.flatMap((pair) => [pair.p, pair.q])), p, q, out },
    groups: pairs.length,
  });
}
