import type { Edit, EditReport, Moved, Preview } from '../api/edit';
import { throwIfAborted } from '../api/errors';
import type { SiteCodes } from '../api/site';
import { slice } from '../kernels/compute';
import { isIdle, randomSeed } from '../maths/control';
import { editReport } from '../maths/report';
import type { TokenFacts } from '../maths/where';
import { finite } from './codes';
import type { Engine } from './engine';
import { latentsOf } from './latents';
import { type Prefill, prefillEdited } from './prefill';
import { logSumExp } from './sampler';
import { withScope } from './scope';
import { setUp } from './setup';
import { openAt } from './text-gates';
import { type EngineTrace, readStates } from './trace';

/** Compares the next-token distributions with and without the edits, after the trace's last token. Runs from the lowest
 *  edited cut on, over the trace's own residual, so a slider drag costs only the upper part of the model. */
export async function preview(
  engine: Engine,
  trace: EngineTrace,
  edits: Edit[],
  options: { n?: number; signal?: AbortSignal },
): Promise<Preview> {
  const { model, sites, queue } = engine;
  const { compute, config } = model;
  const { signal, n = 12 } = options;
  const setup = setUp([edits], sites, config.d);
  return queue.run(() =>
    withScope(compute, async (scope) => {
      throwIfAborted(signal);
      const base = trace.state();
      const last = base.length - 1;
      const { ids, tokens } = trace.facts;
      const moves = setup.upload(scope);
      const run = setup.specs[0]!.plan.empty
        ? null
        : await prefillEdited(model, sites, base, setup.specs, 0, { ids, tokens, gates: setup.gates, moves, signal });
      try {
        const h = scope.rows(2, config.d);
        const logits = scope.rows(2, config.vocabularySize);
        const kl = scope.rows(1, 1);
        compute.copy(slice(base.final, last), slice(h), 1);
        compute.copy(slice(run?.final ?? base.final, last), slice(h, 1), 1);
        await model.logits(h, 2, logits);
        compute.kl(logits, logits, [{ p: 1, q: 0 }], kl);
        const [both, divergence] = (await compute.read([logits, kl])) as [Float32Array, Float32Array];
        const moved = movedMost(engine, both, n, last);
        if (!run) return { moved, kl: divergence[0]!, reports: [], edits: edits.map(() => null) };
        const { codes, changes, flags } = await readStates(engine, run);
        const open = setup.specs[0]!.plan.gates.map(({ column }) => flags && openAt(flags, setup.gates, column));
        const met = { engine, tokens, run, codes, open };
        return { moved, kl: divergence[0]!, reports: changes, edits: await each(met, edits) };
      } finally {
        run?.release();
      }
    }),
  );
}

/** What the edits met in their run. */
interface Met {
  engine: Engine;
  tokens: readonly TokenFacts[];
  run: Prefill;
  codes: SiteCodes[];
  /** Where the gate of each edit with `when` is open, in their order. */
  open: readonly (Uint8Array | null)[];
}

/** The effect of each edit alone. */
async function each({ engine, tokens, run, codes, open }: Met, edits: Edit[]): Promise<(EditReport | null)[]> {
  const gates = open.values();
  const out: (EditReport | null)[] = [];
  for (const edit of edits) {
    const gate = edit.when === undefined ? null : gates.next().value!;
    const at = codes.find((c) => c.layer === edit.layer);
    const s = engine.sites.findIndex((site) => site.layer === edit.layer);
    if (isIdle(edit) || randomSeed(edit) !== null || !at) {
      out.push(null);
      continue;
    }
    const z = await latents(engine, run, s, at, edit);
    const length = await directionLength(engine, s, edit);
    out.push(editReport(edit, { tokens, z, norm: at.norm, length, open: gate }));
  }
  return out;
}

/** The latent that the edit acts on, [T]. */
function latents(
  { model, sites }: Engine,
  run: Prefill,
  s: number,
  codes: SiteCodes,
  edit: Edit,
): Promise<Float32Array> {
  const { compute } = model;
  const { feature } = edit;
  if (feature === undefined) return Promise.resolve(new Float32Array(run.length));
  if (edit.on !== 'preactivation')
    return latentsOf(compute, sites[s]!.dictionary, { codes, h: run.sites[s]!.h }, feature);
  return withScope(compute, async (scope) => {
    const out = scope.rows(run.length, 1);
    compute.preactivation(sites[s]!.dictionary, run.sites[s]!.h, feature, out);
    return (await compute.read([out]))[0]!;
  });
}

async function directionLength({ sites }: Engine, s: number, { direction, feature }: Edit): Promise<number> {
  if (typeof direction !== 'object' || !('vector' in direction)) return sites[s]!.decoderLength(feature!);
  return direction.relativeToNorm ? 1 : Math.hypot(...direction.vector);
}

function movedMost(engine: Engine, both: Float32Array, n: number, position: number): Moved[] {
  const v = engine.model.config.vocabularySize;
  const probabilities = (logits: Float32Array) => {
    const lse = finite(logSumExp(logits), position);
    return logits.map((logit) => Math.exp(logit - lse));
  };
  const p = probabilities(both.subarray(0, v));
  const q = probabilities(both.subarray(v, 2 * v));
  const by = (a: number, b: number) => Math.abs(q[b]! - p[b]!) - Math.abs(q[a]! - p[a]!) || p[b]! - p[a]! || a - b;
  // Keeps the n largest in order, without sorting the vocabulary.
  const most: number[] = [];
  for (let id = 0; id < v; id++) {
    if (most.length === n && by(most[n - 1]!, id) <= 0) continue;
    let at = most.length;
    while (at > 0 && by(most[at - 1]!, id) > 0) at--;
    most.splice(at, 0, id);
    if (most.length > n) most.pop();
  }
  return most.map((id) => ({ id, text: engine.tokenizer.label(id), base: p[id]!, edited: q[id]! }));
}
