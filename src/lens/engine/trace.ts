import { noteMaxima } from '../dictionary/maximum';
import { DisposedError, InvalidOptionError, SiteUnavailableError } from '../errors';
import type { Rows } from '../kernels/compute';
import type { ChangeReport, Edit, SiteCodes, Token, TokenLogprob, Trace } from '../types';
import { tableRows } from './batch';
import type { Engine } from './engine';
import { overflow, siteCodes } from './generate';
import { type Prefill, prefill, releasePrefill, type SiteState } from './prefill';
import { setUp } from './setup';

/** Rows of logits that are computed at once when a whole text is read. */
const LOGIT_ROWS = 32;

export class EngineTrace implements Trace {
  private run: Prefill | null;
  private surprisals: Promise<Float32Array> | null = null;

  private constructor(
    private readonly engine: Engine,
    readonly text: string,
    readonly ids: Int32Array,
    readonly tokens: Token[],
    run: Prefill,
    private readonly codes: SiteCodes[],
    private readonly changes: ChangeReport[],
  ) {
    this.run = run;
  }

  static async create(engine: Engine, text: string, ids: number[], options: { edits?: Edit[]; signal?: AbortSignal; chunk?: number }): Promise<EngineTrace> {
    const { model, sites, queue, tokenizer } = engine;
    const { compute, config } = model;
    if (ids.length > config.contextLength) throw overflow(ids.length, config.contextLength);
    const setup = setUp([options.edits ?? []], sites, config.d);
    return queue.run(async () => {
      const vectors = tableRows(compute, setup.moves.vectors, config.d);
      const directions = tableRows(compute, setup.moves.directions, config.d);
      const run = await prefill(model, sites, {
        ids: Int32Array.from(ids),
        plan: setup.plans[0],
        vectors,
        directions: directions ? { rows: directions, index: setup.directionIndex } : undefined,
        chunk: options.chunk,
        signal: options.signal,
      }).finally(() => {
        if (vectors) compute.release(vectors);
        if (directions) compute.release(directions);
      });
      try {
        const { codes, changes } = await readStates(engine, run);
        for (const [s, site] of sites.entries()) noteMaxima(site.seen, codes[s]!);
        return new EngineTrace(engine, text, Int32Array.from(ids), tokenizer.tokens(ids), run, codes, changes);
      } catch (error) {
        releasePrefill(compute, run);
        throw error;
      }
    });
  }

  site(layer: number): SiteCodes {
    const codes = this.codes.find((c) => c.layer === layer);
    if (!codes) throw noSite(this.engine, layer);
    return codes;
  }

  reports(): ChangeReport[] {
    return this.changes;
  }

  /** Device state for operations that go on from this trace; only inside the engine's queue. */
  state(): Prefill {
    if (!this.run) throw new DisposedError('This trace was disposed. Trace the text again.');
    return this.run;
  }

  siteState(layer: number): SiteState {
    const index = this.engine.sites.findIndex((site) => site.layer === layer);
    const state = index >= 0 ? this.state().sites[index] : null;
    if (!state) throw noSite(this.engine, layer);
    return state;
  }

  residual(layer: number, position: number): Promise<Float32Array> {
    this.checkPosition(position);
    return this.engine.queue.run(async () => {
      const { compute, config } = this.engine.model;
      const row = compute.rows(1, config.d);
      compute.copy(this.siteState(layer).h, position, row, 0, 1);
      const [data] = await compute.read([row]);
      compute.release(row);
      return data!;
    });
  }

  top(position: number, n: number): Promise<TokenLogprob[]> {
    this.checkPosition(position);
    return this.engine.queue.run(() => topTokens(this.engine, this.state().final, position, n));
  }

  lens(layer: number, position: number, n: number): Promise<TokenLogprob[]> {
    this.checkPosition(position);
    return this.engine.queue.run(() => topTokens(this.engine, this.siteState(layer).h, position, n));
  }

  surprisal(): Promise<Float32Array> {
    this.surprisals ??= this.engine.queue.run(() => this.readSurprisal());
    return this.surprisals;
  }

  private async readSurprisal(): Promise<Float32Array> {
    const { compute, config } = this.engine.model;
    const { final, length } = this.state();
    const out = new Float32Array(length).fill(Number.NaN);
    const h = compute.rows(LOGIT_ROWS, config.d);
    const logits = compute.rows(LOGIT_ROWS, config.vocabularySize);
    const stats = compute.rows(LOGIT_ROWS, 2);
    for (let start = 0; start < length - 1; start += LOGIT_ROWS) {
      const count = Math.min(LOGIT_ROWS, length - 1 - start);
      compute.copy(final, start, h, 0, count);
      await this.engine.model.logits(h, count, logits);
      compute.logsumexp(logits, count, Uint32Array.from(this.ids.subarray(start + 1, start + 1 + count)), stats);
      const [data] = await compute.read([stats]);
      for (let i = 0; i < count; i++) out[start + 1 + i] = data![i * 2]! - data![i * 2 + 1]!;
    }
    compute.release(h, logits, stats);
    return out;
  }

  private checkPosition(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position >= this.tokens.length) {
      throw new InvalidOptionError(`Position ${position} is outside the text's tokens, 0 to ${this.tokens.length - 1}.`);
    }
  }

  dispose(): void {
    if (!this.run) return;
    releasePrefill(this.engine.model.compute, this.run);
    this.run = null;
  }
}

function noSite(engine: Engine, layer: number): SiteUnavailableError {
  return new SiteUnavailableError(`There is no dictionary at layer ${layer}. Sites: ${engine.sites.map((s) => s.layer).join(', ')}.`, { layer });
}

/** Codes and change reports of a run at every site, in one readback. */
export async function readStates(engine: Engine, run: Prefill): Promise<{ codes: SiteCodes[]; changes: ChangeReport[] }> {
  const states = run.sites.flatMap((state, s) => (state ? [{ state, site: engine.sites[s]! }] : []));
  const list: Rows[] = states.flatMap(({ state }) => [state.codes.ids, state.codes.values, state.codes.stats, ...(state.report ? [state.report] : [])]);
  const data = await engine.model.compute.read(list);
  const codes: SiteCodes[] = [];
  const changes: ChangeReport[] = [];
  let at = 0;
  for (const { state, site } of states) {
    const [ids, values, stats] = [data[at++]!, data[at++]!, data[at++]!];
    const read = siteCodes(site.layer, site.info.k, ids, values, stats, 0, run.length);
    codes.push(read);
    if (!state.report) continue;
    const report = data[at++]!;
    changes.push({
      layer: site.layer,
      acted: Uint8Array.from({ length: run.length }, (_, t) => report[t * 4]!),
      change: Float32Array.from({ length: run.length }, (_, t) => report[t * 4 + 1]!),
      norm: read.norm.slice(),
    });
  }
  return { codes, changes };
}

/** The n likeliest tokens of one residual row through the final norm and the unembedding; runs inside the queue. */
export async function topTokens(engine: Engine, source: Rows, row: number, n: number): Promise<TokenLogprob[]> {
  const { compute, config } = engine.model;
  const count = Math.min(n, config.vocabularySize, 1024);
  const h = compute.rows(1, config.d);
  const logits = compute.rows(1, config.vocabularySize);
  const ids = compute.rows(1, count);
  const values = compute.rows(1, count);
  const stats = compute.rows(1, 2);
  compute.copy(source, row, h, 0, 1);
  await engine.model.logits(h, 1, logits);
  compute.topk(logits, 1, count, ids, values);
  compute.logsumexp(logits, 1, null, stats);
  const [idData, valueData, statData] = (await compute.read([ids, values, stats])) as [Float32Array, Float32Array, Float32Array];
  compute.release(h, logits, ids, values, stats);
  const bits = new Uint32Array(idData.buffer, idData.byteOffset, count);
  return Array.from(bits, (id, i) => ({ id, text: engine.tokenizer.text(id), logprob: valueData[i]! - statData[0]! }));
}
