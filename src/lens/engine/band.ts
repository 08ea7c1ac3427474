import type { ChatSpan } from '../api/chat';
import type { Edit } from '../api/edit';
import { throwIfAborted } from '../api/errors';
import { type Rows, slice } from '../kernels/compute';
import { controlOf } from '../maths/control';
import { Batch } from './batch';
import { CandidateReader } from './candidates';
import type { Engine } from './engine';
import { checkRun } from './generate';
import { paddedPrefill } from './padded';
import { type SamplerOptions, sample } from './sampler';
import { withScope } from './scope';
import { setUp } from './setup';
import { TextFacts } from './text-facts';
import { Writer } from './writer';

/** Rows of logits that are compared at once. */
const BLOCK = 32;

interface BandRun {
  ids: number[];
  /** One a token; none for a plain text. */
  spans?: readonly ChatSpan[] | null;
  /** Index of the message that it generates; none for a plain text. */
  turn?: number | null;
  /** Tokens that end a row. */
  ends: readonly number[];
  edits: Edit[];
  seeds: number[];
  maxTokens: number;
  sampling: SamplerOptions;
  signal?: AbortSignal;
}

interface Draw {
  writer: Writer;
  tokens: number[];
  done: boolean;
}

/**
 * KL of random directions at equal |change|: one series a seed, one value a token. The edits run again as the source
 * that each draw matches. Instead of a shadow row for each draw, one right-padded prefill over all drawn texts gives
 * the unedited side afterwards.
 */
export async function band(engine: Engine, run: BandRun): Promise<Float32Array[]> {
  const variants = [run.edits, ...run.seeds.map((seed) => controlOf(run.edits, seed))];
  checkRun(engine, { ...run, variants });
  const { model, sites, queue, tokenizer } = engine;
  const { compute, config } = model;
  const setup = setUp(variants, sites, config.d);
  if (setup.specs[0]!.plan.empty || run.seeds.length === 0) return run.seeds.map(() => new Float32Array());
  const steps = Math.min(run.maxTokens, config.contextLength - run.ids.length + 1);
  return withScope(compute, async (scope) => {
    const batch = new Batch(
      scope,
      model,
      sites,
      setup,
      setup.specs,
      Math.min(config.contextLength, run.ids.length + run.maxTokens),
    );
    const reader = new CandidateReader(scope, model, batch.logits, engine.wholeRow);
    // Final residuals, not logits, are kept: d numbers a step instead of V. Row (draw, step).
    const kept = scope.rows(run.seeds.length * steps, config.d);
    const draws: Draw[] = variants.map(() => {
      return { writer: new Writer({ ...run, tokenizer }), tokens: [], done: false };
    });
    const facts = new TextFacts(run, tokenizer, run.ends);
    await queue.run(() => batch.start(facts, run.signal));
    for (let step = 0; step < steps; step++) {
      throwIfAborted(run.signal);
      const data = await queue.run(async () => {
        for (const [i] of run.seeds.entries())
          compute.copy(slice(batch.final, i + 1), slice(kept, i * steps + step), 1);
        return compute.read(reader.request());
      });
      for (const [row, draw] of draws.entries()) {
        if (draw.done) continue;
        const candidates = reader.row(data, row, run.ids.length + step - 1);
        const { id } = sample(candidates, run.sampling, step, draw.writer.seen);
        draw.tokens.push(id);
        draw.done = draw.writer.push(id).done !== null;
      }
      // Nothing is matched once the source has ended.
      if (draws[0]!.done) for (const draw of draws) draw.done = true;
      if (draws.every((draw) => draw.done) || step + 1 === steps) break;
      await queue.run(() => batch.step(Int32Array.from(draws, (draw) => draw.tokens.at(-1)!)));
    }
    return queue.run(() => againstUnedited(engine, run, draws.slice(1), kept, steps));
  });
}

/** KL of the kept residuals' distributions against an unedited reading of the drawn texts, right-padded into one
 *  batch. */
function againstUnedited(
  engine: Engine,
  run: BandRun,
  draws: Draw[],
  kept: Rows,
  steps: number,
): Promise<Float32Array[]> {
  const { model } = engine;
  const { compute, config } = model;
  return withScope(compute, async (scope) => {
    // Nothing reads the last drawn token: the distribution before it is the last that counts.
    const texts = draws.map((draw) => [...run.ids, ...draw.tokens.slice(0, -1)]);
    const { total, parts } = await paddedPrefill(scope, model, texts, run.signal);
    const pair = [scope.rows(BLOCK, config.d), scope.rows(BLOCK, config.d)] as const;
    const logits = [scope.rows(BLOCK, config.vocabularySize), scope.rows(BLOCK, config.vocabularySize)] as const;
    const block = scope.rows(BLOCK, 1);
    const outs = draws.map((draw) => scope.rows(draw.tokens.length, 1));
    for (const [b, draw] of draws.entries()) {
      for (let start = 0; start < draw.tokens.length; start += BLOCK) {
        const count = Math.min(BLOCK, draw.tokens.length - start);
        compute.copy(slice(kept, b * steps + start), slice(pair[0]), count);
        compute.copy(slice(parts.at(-1)!, b * total + run.ids.length - 1 + start), slice(pair[1]), count);
        for (const side of [0, 1] as const) await model.logits(pair[side], count, logits[side]);
        const rows = Array.from({ length: count }, (_, i) => ({ p: i, q: i }));
        compute.kl(logits[0], logits[1], rows, block);
        compute.copy(slice(block), slice(outs[b]!, start), count);
      }
    }
    return compute.read(outs);
  });
}
