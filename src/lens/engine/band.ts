import { controlOf } from '../dictionary/edits';
import { throwIfAborted } from '../errors';
import type { Rows } from '../kernels/compute';
import type { Edit } from '../types';
import { Batch, type RowSpec } from './batch';
import type { Engine } from './engine';
import { checkRun } from './generate';
import { paddedPrefill } from './padded';
import { logSumExp, type Sampling, sample } from './sampler';
import { setUp } from './setup';

export interface BandRun {
  ids: number[];
  edits: Edit[];
  seeds: number[];
  maxTokens: number;
  sampling: Sampling;
  signal?: AbortSignal;
}

interface Draw {
  tokens: number[];
  done: boolean;
}

/**
 * KL of random directions at equal |change|: one series a seed, one value a token. The edits run again as the source that each draw matches; the
 * unedited side comes afterwards, from one right-padded prefill over all drawn texts, instead of a shadow row a draw.
 */
export async function band(engine: Engine, run: BandRun): Promise<Float32Array[]> {
  const variants = [run.edits, ...run.seeds.map((seed) => controlOf(run.edits, seed))];
  checkRun(engine, { ...run, variants });
  const { model, sites, queue } = engine;
  const { compute, config } = model;
  const setup = setUp(variants, sites, config.d);
  if (setup.plans[0]!.empty || run.seeds.length === 0) return run.seeds.map(() => new Float32Array());
  const specs: RowSpec[] = setup.plans.map((plan, row) => ({ plan, source: row === 0 ? -1 : 0 }));
  const steps = Math.min(run.maxTokens, config.contextLength - run.ids.length + 1);
  const batch = new Batch(model, sites, specs, setup.moves, setup.directionIndex, Math.min(config.contextLength, run.ids.length + run.maxTokens));
  // Final residuals, not logits, are kept: d numbers a step instead of V. Row (draw, step).
  const kept = compute.rows(run.seeds.length * steps, config.d);
  const draws: Draw[] = variants.map(() => ({ tokens: [], done: false }));
  try {
    await queue.run(() => batch.start(Int32Array.from(run.ids), run.signal));
    for (let step = 0; step < steps; step++) {
      throwIfAborted(run.signal);
      const [logits] = await queue.run(async () => {
        for (const [i] of run.seeds.entries()) compute.copy(batch.final, i + 1, kept, i * steps + step, 1);
        return compute.read([batch.logits]);
      });
      for (const [row, draw] of draws.entries()) {
        if (draw.done) continue;
        const x = logits!.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize);
        const { id } = sample({ logits: x, ids: null, logSumExp: logSumExp(x) }, run.sampling, step);
        draw.tokens.push(id);
        draw.done = config.eos.includes(id);
      }
      // Nothing is matched once the source has ended.
      if (draws[0]!.done) for (const draw of draws) draw.done = true;
      if (draws.every((draw) => draw.done) || step + 1 === steps) break;
      await queue.run(() => batch.step(Int32Array.from(draws, (draw) => draw.tokens.at(-1)!)));
    }
    return await queue.run(() => againstUnedited(engine, run, draws.slice(1), kept, steps));
  } finally {
    compute.release(kept);
    batch.release();
  }
}

/** KL of the kept residuals' distributions against an unedited reading of the drawn texts, right-padded into one batch. */
async function againstUnedited(engine: Engine, run: BandRun, draws: Draw[], kept: Rows, steps: number): Promise<Float32Array[]> {
  const { model } = engine;
  const { compute, config } = model;
  const prompt = run.ids.length;
  // The last drawn token is not read by anything: the distribution before it is the last that counts.
  const texts = draws.map((draw) => [...run.ids, ...draw.tokens.slice(0, -1)]);
  const { total, parts } = await paddedPrefill(model, texts, run.signal);
  const pair = [compute.rows(steps, config.d), compute.rows(steps, config.d)] as const;
  const logits = [compute.rows(steps, config.vocabularySize), compute.rows(steps, config.vocabularySize)] as const;
  const outs = draws.map((draw) => compute.rows(draw.tokens.length, 1));
  try {
    for (const [b, draw] of draws.entries()) {
      const count = draw.tokens.length;
      compute.copy(kept, b * steps, pair[0], 0, count);
      compute.copy(parts.at(-1)!, b * total + prompt - 1, pair[1], 0, count);
      await model.logits(pair[0], count, logits[0]);
      await model.logits(pair[1], count, logits[1]);
      compute.kl(
        logits[0],
        logits[1],
        Array.from({ length: count }, (_, i) => ({ p: i, q: i })),
        outs[b]!,
      );
    }
    return await compute.read(outs);
  } finally {
    compute.release(...parts, ...pair, ...logits, ...outs);
  }
}
