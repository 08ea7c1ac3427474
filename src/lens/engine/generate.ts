import type { ChatSpan } from '../api/chat';
import type { Edit } from '../api/edit';
import { ContextOverflowError, InvalidOptionError, throwIfAborted } from '../api/errors';
import type { GeneratedRow, GenerateStep } from '../api/generate';
import type { SiteCodes } from '../api/site';
import type { Rows } from '../kernels/compute';
import { count, counted } from '../maths/figures';
import { Batch } from './batch';
import { CandidateReader } from './candidates';
import { checkedChange, siteCodes } from './codes';
import type { Engine } from './engine';
import { type Candidates, checkSampling, likeliest, type Sampled, type SamplerOptions, sample } from './sampler';
import { Scope } from './scope';
import { type RowSpec, setUp } from './setup';
import { TextFacts } from './text-facts';
import { Writer } from './writer';

/** Rows that one batch may hold, hidden ones and shadows included. */
const MOST_ROWS = 64;
/** Tokens that a row may list. */
const MOST_ALTERNATIVES = 50;

interface GenerateRun {
  ids: number[];
  /** One a token; none for a plain text. */
  spans?: readonly ChatSpan[] | null;
  /** Index of the message that it generates; none for a plain text. */
  turn?: number | null;
  /** Tokens that end a row. */
  ends: readonly number[];
  variants: Edit[][];
  maxTokens: number;
  sampling: SamplerOptions;
  /** How many of the likeliest tokens each row lists; none: 0. */
  alternatives?: number;
  signal?: AbortSignal;
}

export function checkRun(engine: Engine, run: GenerateRun): void {
  const { ids, variants, maxTokens, sampling, alternatives = 0 } = run;
  checkSampling(sampling);
  if (!Number.isInteger(alternatives) || alternatives < 0 || alternatives > MOST_ALTERNATIVES)
    throw new InvalidOptionError(`${alternatives} alternatives; a row lists 0 to ${MOST_ALTERNATIVES}.`);
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    throw new InvalidOptionError(`maxTokens ${maxTokens} is not a whole number from 1 on.`);
  if (variants.length < 1 || variants.length > 16)
    throw new InvalidOptionError(`${variants.length} variants; 1 to 16 run at once.`);
  const room = engine.model.config.contextLength;
  if (ids.length > room) throw overflow(ids.length, room);
}

export function overflow(tokens: number, room: number): ContextOverflowError {
  return new ContextOverflowError(
    `The text has ${count(tokens)} tokens, the model’s context holds ${count(room)}. Shorten it by ${counted(tokens - room, 'token')}.`,
    { tokens, room },
  );
}

interface RowState {
  writer: Writer;
  /** The token drawn last. */
  next: number;
  /** The whole characters that it completed. */
  text: string;
  done: GeneratedRow['done'];
}

/**
 * Runs the variants in lockstep and yields a step a token. Every variant with edits has a shadow: an unedited row that
 * is fed the variant's own tokens, so that KL and surprisal are taken at equal prefix. One readback a step (two where
 * the vocabulary is too large to read a whole row).
 */
export async function* generate(engine: Engine, run: GenerateRun): AsyncGenerator<GenerateStep> {
  checkRun(engine, run);
  const { variants, sampling, signal, alternatives = 0 } = run;
  const { model, sites, queue, tokenizer } = engine;
  const { compute, config } = model;
  const setup = setUp(variants, sites, config.d);
  const [unedited] = setUp([[]], sites, config.d).specs;
  const shadows = variants.flatMap((_, row) => (setup.specs[row]!.plan.empty ? [] : [row]));
  // Rows: the variants, then the sources that only random variants need, then the shadows.
  const drawnRows = setup.specs.length;
  const specs: RowSpec[] = [...setup.specs, ...shadows.map(() => unedited!)];
  if (specs.length > MOST_ROWS)
    throw new InvalidOptionError(
      `These variants need ${specs.length} rows with their shadows; ${MOST_ROWS} run at once.`,
    );
  const scope = new Scope(compute);
  try {
    const batch = new Batch(
      scope,
      model,
      sites,
      setup,
      specs,
      Math.min(config.contextLength, run.ids.length + run.maxTokens),
    );
    const pairs = shadows.map((row, i) => ({ p: row, q: drawnRows + i }));
    const reader = new StepReader(scope, engine, batch, pairs);
    const states: RowState[] = setup.specs.map(() => {
      return { writer: new Writer({ ...run, tokenizer }), next: 0, text: '', done: null };
    });
    const facts = new TextFacts(run, tokenizer, run.ends);
    let began = performance.now();
    await queue.run(() => batch.start(facts, signal));
    for (let step = 0; ; step++) {
      throwIfAborted(signal);
      const position = run.ids.length + step;
      const read = await queue.run(() => reader.read(position));
      const candidates = states.map(({ done }, row) => (done ? null : read.candidates(row)));
      const drawn = states.map(({ writer }, row) => {
        const of = candidates[row];
        return of ? sample(of, sampling, step, writer.seen) : null;
      });
      const surprisals = await reader.surprisals(read, drawn);
      for (const [row, token] of drawn.entries()) {
        if (!token) continue;
        const state = states[row]!;
        const { text, done } = state.writer.push(token.id);
        Object.assign(state, { next: token.id, text, done: done ?? ending(engine, step, position, run) });
      }
      // A control has nothing to match once its source has ended.
      for (const [row, state] of states.entries()) {
        const source = states[specs[row]!.source];
        if (!state.done && source?.done) state.done = 'source';
      }
      const rows = variants.map((_, row): GeneratedRow | null => {
        const token = drawn[row];
        if (!token) return null;
        const { writer, text: said, done } = states[row]!;
        const text = done && done !== 'stop' ? said + writer.end() : said;
        const pair = shadows.indexOf(row);
        const judged = pair < 0 ? { kl: null, surprisal: null } : { kl: read.kl[pair]!, surprisal: surprisals[pair]! };
        const likely = alternatives > 0 && {
          alternatives: likeliest(candidates[row]!, alternatives).map(({ id, logprob }) => {
            return { id, text: tokenizer.label(id), logprob };
          }),
        };
        const span = batch.spanOf(row, token.id);
        const more = { ...likely, ...(span && { section: span.section }) };
        return { token: token.id, text, logprob: token.logprob, ...read.row(row), ...judged, ...more, done };
      });
      yield { position, rows, mass: Math.min(...drawn.map((d) => d?.mass ?? 1)), ms: performance.now() - began };
      if (variants.every((_, row) => states[row]!.done)) return;
      began = performance.now();
      throwIfAborted(signal);
      const fed = [...states.map((state) => state.next), ...shadows.map((row) => states[row]!.next)];
      await queue.run(() => batch.step(Int32Array.from(fed)));
    }
  } finally {
    scope.release();
  }
}

/** Why a row goes no further that has not ended of itself. */
function ending(engine: Engine, step: number, position: number, { maxTokens }: GenerateRun): GeneratedRow['done'] {
  if (step + 1 >= maxTokens) return 'length';
  // The token would be fed at its own position.
  return position >= engine.model.config.contextLength ? 'context' : null;
}

interface StepData {
  kl: Float32Array;
  candidates(row: number): Candidates;
  row(row: number): Pick<GeneratedRow, 'codes' | 'acted' | 'change' | 'norm' | 'gates'>;
}

/** Packs a step's results on the device into one readback. */
class StepReader {
  private readonly kl: Rows | null;
  private readonly candidates: CandidateReader;

  constructor(
    scope: Scope,
    private readonly engine: Engine,
    private readonly batch: Batch,
    /** Rows to compare: an edited row and its shadow. */
    private readonly pairs: { p: number; q: number }[],
  ) {
    this.kl = pairs.length > 0 ? scope.rows(pairs.length, 1) : null;
    this.candidates = new CandidateReader(scope, engine.model, batch.logits, engine.wholeRow);
  }

  /** `position`: of the token that is drawn next. */
  async read(position: number): Promise<StepData> {
    const { engine, batch, kl, pairs, candidates } = this;
    const { compute } = engine.model;
    if (kl) compute.kl(batch.logits, batch.logits, pairs, kl);
    const head = candidates.request();
    const perSite = batch.sites.flatMap(({ codes, direct, matched }) => [
      codes.ids,
      codes.values,
      codes.stats,
      direct,
      matched,
    ]);
    const gates = batch.flags ? [batch.flags] : [];
    const data = await compute.read([...head, ...perSite, ...gates, ...(kl ? [kl] : [])]);
    const flags = batch.flags && new Uint32Array(data[head.length + perSite.length]!.buffer);
    const siteData = data.slice(head.length, head.length + perSite.length);
    return {
      kl: kl ? data.at(-1)! : new Float32Array(),
      candidates: (row) => candidates.row(data, row, position - 1),
      row: (row) => {
        const open = flags ? batch.open(row, flags) : [];
        return { ...this.siteRow(siteData, row, position - 1), ...(open.length > 0 && { gates: open }) };
      },
    };
  }

  /** -log p of the drawn tokens under each shadow. */
  async surprisals(read: StepData, drawn: (Sampled | null)[]): Promise<Float32Array> {
    const { pairs, candidates, engine, batch } = this;
    if (pairs.length === 0) return new Float32Array();
    if (candidates.whole) {
      return Float32Array.from(pairs, ({ p, q }) => {
        const token = drawn[p];
        if (!token) return 0;
        const { logits, logSumExp } = read.candidates(q);
        return logSumExp - logits[token.id]!;
      });
    }
    const targets = new Uint32Array(batch.logits.rows).fill(0xffffffff);
    for (const { p, q } of pairs) if (drawn[p]) targets[q] = drawn[p].id;
    const all = await engine.queue.run(() => candidates.surprisals(targets));
    return Float32Array.from(pairs, ({ q }) => all[q]!);
  }

  private siteRow(
    data: Float32Array[],
    row: number,
    position: number,
  ): Pick<GeneratedRow, 'codes' | 'acted' | 'change' | 'norm'> {
    const codes: Record<number, SiteCodes> = {};
    let [acted, change, norm] = [0, 0, 0];
    for (const [s, site] of this.engine.sites.entries()) {
      const [ids, values, stats, direct, matched] = data.slice(s * 5, s * 5 + 5) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      codes[site.layer] = siteCodes(site.layer, site.info.k, [ids, values, stats], row, 1, position);
      const plan = this.batch.plan(row).at(site.layer);
      if (!plan) continue;
      const report = plan.random === null ? direct : matched;
      acted += report[row * 4]!;
      change = Math.hypot(change, checkedChange(report[row * 4 + 1]!, site.layer, position));
      norm = Math.hypot(norm, codes[site.layer]!.norm[0]!);
    }
    return { codes, acted, change, norm };
  }
}
