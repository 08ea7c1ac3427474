import { throwIfAborted } from '../errors';
import type { Edit, Moved, Preview } from '../types';
import { tableRows } from './batch';
import type { Engine } from './engine';
import { prefill, releasePrefill } from './prefill';
import { logSumExp } from './sampler';
import { setUp } from './setup';
import { type EngineTrace, readStates } from './trace';

/** Next-token distribution after the trace's last token, with the edits against without. Runs from the lowest edited cut on, over the trace's own
 *  residual, so a slider drag costs only the upper part of the model. */
export function preview(engine: Engine, trace: EngineTrace, edits: Edit[], options: { n?: number; signal?: AbortSignal }): Promise<Preview> {
  const { model, sites, queue } = engine;
  const { compute, config } = model;
  const setup = setUp([edits], sites, config.d);
  const plan = setup.plans[0]!;
  return queue.run(async () => {
    throwIfAborted(options.signal);
    const base = trace.state();
    const last = base.length - 1;
    const cut = plan.empty ? -1 : sites.findIndex((site) => site.layer === plan.lowest);
    const vectors = tableRows(compute, setup.moves.vectors, config.d);
    const directions = tableRows(compute, setup.moves.directions, config.d);
    const h = compute.rows(2, config.d);
    const logits = compute.rows(2, config.vocabularySize);
    const kl = compute.rows(1, 1);
    const run = plan.empty
      ? null
      : await prefill(model, sites, {
          ids: trace.ids,
          above: { site: cut, state: base.sites[cut]! },
          plan,
          vectors,
          directions: directions ? { rows: directions, index: setup.directionIndex } : undefined,
          signal: options.signal,
        });
    try {
      compute.copy(base.final, last, h, 0, 1);
      compute.copy(run?.final ?? base.final, last, h, 1, 1);
      await model.logits(h, 2, logits);
      compute.kl(logits, logits, [{ p: 1, q: 0 }], kl);
      const [both, divergence] = (await compute.read([logits, kl])) as [Float32Array, Float32Array];
      const changes = run ? (await readStates(engine, run)).changes : [];
      return { moved: movedMost(engine, both, options.n ?? 12), kl: divergence[0]!, reports: changes };
    } finally {
      if (run) releasePrefill(compute, run);
      compute.release(h, logits, kl);
      if (vectors) compute.release(vectors);
      if (directions) compute.release(directions);
    }
  });
}

function movedMost(engine: Engine, both: Float32Array, n: number): Moved[] {
  const v = engine.model.config.vocabularySize;
  const [base, edited] = [both.subarray(0, v), both.subarray(v, 2 * v)];
  const probabilities = (x: Float32Array) => {
    const lse = logSumExp(x);
    return x.map((logit) => Math.exp(logit - lse));
  };
  const p = probabilities(base);
  const q = probabilities(edited);
  const order = Array.from({ length: v }, (_, i) => i).sort((a, b) => Math.abs(q[b]! - p[b]!) - Math.abs(q[a]! - p[a]!) || p[b]! - p[a]! || a - b);
  return order.slice(0, n).map((id) => ({ id, text: engine.tokenizer.text(id), base: p[id]!, edited: q[id]! }));
}
