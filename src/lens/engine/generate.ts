import { sourceOf } from '../dictionary/edits';
import { ContextOverflowError, InvalidOptionError, NonFiniteError, throwIfAborted } from '../errors';
import type { Rows } from '../kernels/compute';
import type { Edit, GeneratedRow, GenerateStep, SiteCodes } from '../types';
import { Batch, type RowSpec } from './batch';
import type { Engine } from './engine';
import { type Candidates, checkSampling, logSumExp, type Sampled, type Sampling, sample } from './sampler';
import { setUp } from './setup';
import { TextStream } from './tokenizer';

/** Up to this vocabulary a whole row of logits is read back; above it the largest 1,024. */
const WHOLE_ROW = 16384;
const CUT = 1024;

export interface GenerateRun {
  ids: number[];
  variants: Edit[][];
  maxTokens: number;
  sampling: Sampling;
  signal?: AbortSignal;
}

export function checkRun(engine: Engine, { ids, variants, maxTokens, sampling }: GenerateRun): void {
  checkSampling(sampling);
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw new InvalidOptionError(`maxTokens ${maxTokens} is not a whole number from 1 on.`);
  if (variants.length < 1 || variants.length > 16) throw new InvalidOptionError(`${variants.length} variants; 1 to 16 run at once.`);
  const room = engine.model.config.contextLength;
  if (ids.length > room) throw overflow(ids.length, room);
}

export function overflow(tokens: number, room: number): ContextOverflowError {
  return new ContextOverflowError(`The text has ${tokens} tokens, the model's context holds ${room}. Shorten it by ${tokens - room}.`, { tokens, room });
}

interface RowState {
  text: TextStream;
  next: number;
  done: GeneratedRow['done'];
}

/**
 * Runs the variants in lockstep and yields a step a token. Every variant with edits has a shadow: an unedited row that is fed the variant's own
 * tokens, so that KL and surprisal are taken at equal prefix. One readback a step (two where the vocabulary is larger than WHOLE_ROW).
 */
export async function* generate(engine: Engine, run: GenerateRun): AsyncGenerator<GenerateStep> {
  checkRun(engine, run);
  const { variants, sampling, signal } = run;
  const { model, sites, queue, tokenizer } = engine;
  const { config } = model;
  const setup = setUp(variants, sites, config.d);
  const shadows = setup.plans.flatMap((plan, row) => (plan.empty ? [] : [row]));
  const specs: RowSpec[] = [
    ...setup.plans.map((plan, row) => ({ plan, source: sourceOf(variants, row) })),
    ...shadows.map(() => ({ plan: setUp([[]], sites, config.d).plans[0]!, source: -1 })),
  ];
  const limit = Math.min(config.contextLength, run.ids.length + run.maxTokens);
  const batch = new Batch(model, sites, specs, setup.moves, setup.directionIndex, limit);
  const pairs = shadows.map((row, i) => ({ p: row, q: variants.length + i }));
  const reader = new StepReader(engine, batch, specs.length, pairs);
  const states: RowState[] = variants.map(() => ({ text: new TextStream(tokenizer), next: 0, done: null }));
  try {
    let began = performance.now();
    await queue.run(() => batch.start(Int32Array.from(run.ids), signal));
    for (let step = 0; ; step++) {
      throwIfAborted(signal);
      const read = await queue.run(() => reader.read());
      const position = run.ids.length + step;
      const drawn = states.map((state, row) => (state.done ? null : sample(read.candidates(row), sampling, step)));
      const surprisals = await reader.surprisals(read, drawn, shadows, variants.length, queue);
      const rows = states.map((state, row) => {
        const token = drawn[row];
        if (!token) return null;
        state.next = token.id;
        state.done = ending(engine, token.id, step, position, run, config.contextLength);
        const stop = state.done === 'stop';
        const text = (stop ? '' : state.text.push(token.id)) + (state.done ? state.text.end() : '');
        const pair = shadows.indexOf(row);
        const edited = pair >= 0;
        return {
          token: token.id,
          text,
          logprob: token.logprob,
          ...read.row(row),
          kl: edited ? read.kl[pair]! : null,
          surprisal: edited ? surprisals[pair]! : null,
          done: state.done,
        };
      });
      // A control has nothing to match once its source has ended.
      for (const [row, state] of states.entries()) {
        const source = specs[row]!.source;
        if (state.done || source < 0 || !states[source]!.done || !rows[row]) continue;
        state.done = 'source';
        rows[row] = { ...rows[row], text: rows[row].text + state.text.end(), done: 'source' };
      }
      const ms = performance.now() - began;
      yield { position, rows, mass: Math.min(...drawn.map((d) => d?.mass ?? 1)), ms };
      if (states.every((state) => state.done)) return;
      began = performance.now();
      throwIfAborted(signal);
      const fed = [...states.map((state) => state.next), ...shadows.map((row) => states[row]!.next)];
      await queue.run(() => batch.step(Int32Array.from(fed)));
    }
  } finally {
    reader.release();
    batch.release();
  }
}

function ending(engine: Engine, id: number, step: number, position: number, run: GenerateRun, room: number): GeneratedRow['done'] {
  if (engine.model.config.eos.includes(id)) return 'stop';
  if (step + 1 >= run.maxTokens) return 'length';
  return position + 1 >= room ? 'context' : null;
}

interface StepData {
  kl: Float32Array;
  candidates(row: number): Candidates;
  row(row: number): Pick<GeneratedRow, 'codes' | 'acted' | 'change' | 'norm'>;
}

/** Packs what a step left on the device into one readback. */
class StepReader {
  private readonly whole: boolean;
  private readonly kl: Rows | null;
  private readonly lse: Rows;
  private readonly top: { ids: Rows; values: Rows } | null;

  constructor(
    private readonly engine: Engine,
    private readonly batch: Batch,
    private readonly count: number,
    private readonly pairs: { p: number; q: number }[],
  ) {
    const { compute, config } = engine.model;
    this.whole = config.vocabularySize <= WHOLE_ROW;
    this.kl = pairs.length > 0 ? compute.rows(pairs.length, 1) : null;
    this.lse = compute.rows(count, 2);
    this.top = this.whole ? null : { ids: compute.rows(count, CUT), values: compute.rows(count, CUT) };
  }

  async read(): Promise<StepData> {
    const { engine, batch, count, kl, lse, top } = this;
    const { compute } = engine.model;
    if (kl) compute.kl(batch.logits, batch.logits, this.pairs, kl);
    if (top) {
      compute.topk(batch.logits, count, CUT, top.ids, top.values);
      compute.logsumexp(batch.logits, count, null, lse);
    }
    const perSite = batch.sites.flatMap(({ codes, direct, matched }) => [codes.ids, codes.values, codes.stats, direct, matched]);
    const list = [...(top ? [top.ids, top.values, lse] : [batch.logits]), ...(kl ? [kl] : []), ...perSite];
    const data = await compute.read(list);
    const siteData = data.slice(data.length - perSite.length);
    const head = top ? 3 : 1;
    const klData = kl ? data[head]! : new Float32Array();
    return {
      kl: klData,
      candidates: (row) => {
        if (top) {
          const ids = new Uint32Array(data[0]!.buffer, data[0]!.byteOffset + row * CUT * 4, CUT);
          return { ids, logits: data[1]!.subarray(row * CUT, (row + 1) * CUT), logSumExp: data[2]![row * 2]! };
        }
        const v = engine.model.config.vocabularySize;
        const logits = data[0]!.subarray(row * v, (row + 1) * v);
        return { ids: null, logits, logSumExp: logSumExp(logits) };
      },
      row: (row) => this.siteRow(siteData, row),
    };
  }

  /** -log p of the drawn tokens under each shadow. */
  async surprisals(read: StepData, drawn: (Sampled | null)[], shadows: number[], offset: number, queue: Engine['queue']): Promise<Float32Array> {
    const out = new Float32Array(shadows.length);
    if (shadows.length === 0) return out;
    if (this.whole) {
      for (const [i, row] of shadows.entries()) {
        const token = drawn[row];
        if (!token) continue;
        const { logits, logSumExp: lse } = read.candidates(offset + i);
        out[i] = lse - logits[token.id]!;
      }
      return out;
    }
    const targets = new Uint32Array(this.count).fill(0xffffffff);
    for (const [i, row] of shadows.entries()) if (drawn[row]) targets[offset + i] = drawn[row].id;
    const { compute } = this.engine.model;
    const [data] = await queue.run(() => {
      compute.logsumexp(this.batch.logits, this.count, targets, this.lse);
      return compute.read([this.lse]);
    });
    for (const [i, row] of shadows.entries()) if (drawn[row]) out[i] = data![(offset + i) * 2]! - data![(offset + i) * 2 + 1]!;
    return out;
  }

  private siteRow(data: Float32Array[], row: number): Pick<GeneratedRow, 'codes' | 'acted' | 'change' | 'norm'> {
    const codes: Record<number, SiteCodes> = {};
    let acted = 0;
    let change = 0;
    let norm = 0;
    for (const [s, site] of this.engine.sites.entries()) {
      const [ids, values, stats, direct, matched] = data.slice(s * 5, s * 5 + 5) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
      codes[site.layer] = siteCodes(site.layer, site.info.k, ids, values, stats, row, 1);
      const report = this.specReport(row, site.layer, direct, matched);
      if (!report) continue;
      acted += report[row * 4]!;
      change = Math.hypot(change, report[row * 4 + 1]!);
      norm = Math.hypot(norm, Math.sqrt(stats[row * 4 + 2]!));
    }
    return { codes, acted, change, norm };
  }

  private specReport(row: number, layer: number, direct: Float32Array, matched: Float32Array): Float32Array | null {
    const plan = this.batch.plan(row).at(layer);
    if (!plan) return null;
    return plan.random === null ? direct : matched;
  }

  release(): void {
    const { compute } = this.engine.model;
    compute.release(this.lse);
    if (this.kl) compute.release(this.kl);
    if (this.top) compute.release(this.top.ids, this.top.values);
  }
}

/** Codes of rows [from, from + count) as they were read back. NonFiniteError where a residual held NaN or infinity. */
export function siteCodes(layer: number, k: number, ids: Float32Array, values: Float32Array, stats: Float32Array, from: number, count: number): SiteCodes {
  const fvu = new Float32Array(count);
  const norm = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = (from + i) * 4;
    if (stats[at + 3] !== 0 || !Number.isFinite(stats[at]! + stats[at + 1]!))
      throw new NonFiniteError(
        `The residual at layer ${layer} holds NaN or infinity at token ${from + i}. The model's weights or an edit of too large a strength cause this.`,
        { layer, position: from + i },
      );
    fvu[i] = stats[at]! / stats[at + 1]!;
    norm[i] = Math.sqrt(stats[at + 2]!);
  }
  const bits = new Uint32Array(ids.buffer, ids.byteOffset, ids.length);
  return { layer, k, ids: bits.slice(from * k, (from + count) * k), values: values.slice(from * k, (from + count) * k), fvu, norm };
}
