import type { Chat } from '../api/chat';
import type { ChangeReport, Edit } from '../api/edit';
import { DisposedError, InvalidOptionError } from '../api/errors';
import type { SiteCodes } from '../api/site';
import type { Token, TokenLogprob } from '../api/text';
import type { Trace } from '../api/trace';
import { type Rows, slice } from '../kernels/compute';
import { noteMaxima } from '../maths/maximum';
import { checkedChange, finite, siteCodes } from './codes';
import { type Engine, noSite } from './engine';
import { overflow } from './generate';
import { type Prefill, prefill, prefillEdited, type SiteState } from './prefill';
import { withScope } from './scope';
import { setUp } from './setup';
import { TextFacts } from './text-facts';
import type { Read } from './tokenizer';

/** Rows of logits that are computed at once when a whole text is read. */
const LOGIT_ROWS = 32;

export class EngineTrace implements Trace {
  private run: Prefill | null;
  private surprisals: Promise<Float32Array> | null = null;

  private constructor(
    readonly engine: Engine,
    readonly text: string,
    readonly chat: Chat | null,
    readonly facts: TextFacts,
    readonly tokens: Token[],
    run: Prefill,
    private readonly codes: SiteCodes[],
    private readonly changes: ChangeReport[],
  ) {
    this.run = run;
  }

  static async create(
    engine: Engine,
    read: Read,
    options: { edits?: Edit[]; signal?: AbortSignal },
  ): Promise<EngineTrace> {
    const { text, ids, spans, chat } = read;
    const { model, sites, queue, tokenizer } = engine;
    const { compute, config } = model;
    if (ids.length > config.contextLength) throw overflow(ids.length, config.contextLength);
    const setup = setUp([options.edits ?? []], sites, config.d);
    const facts = new TextFacts(read, tokenizer);
    return queue.run(() =>
      withScope(compute, async (scope) => {
        const moves = setup.upload(scope);
        const own = { ids: facts.ids, tokens: facts.tokens, gates: setup.gates, moves, signal: options.signal };
        const base = await prefill(model, sites, { ...own, gates: null });
        const { plan } = setup.specs[0]!;
        const run = plan.empty ? base : await edited(base);
        try {
          const { codes, changes } = await readStates(engine, run);
          for (const [s, site] of sites.entries()) noteMaxima(site.seen, codes[s]!, site.info.normMedian);
          return new EngineTrace(engine, text, chat, facts, tokenizer.tokens(ids, spans), run, codes, changes);
        } catch (error) {
          run.release();
          throw error;
        }

        /** The edited run, with the unedited run's states below the cut. */
        async function edited(below: Prefill): Promise<Prefill> {
          try {
            const above = await prefillEdited(model, sites, below, setup.specs, 0, own);
            const release = () => {
              above.release();
              below.release();
            };
            return { ...above, sites: above.sites.map((state, s) => state ?? below.sites[s]!), release };
          } catch (error) {
            below.release();
            throw error;
          }
        }
      }),
    );
  }

  site(layer: number): SiteCodes {
    const codes = this.codes.find((c) => c.layer === layer);
    if (!codes) throw noSite(this.engine, layer);
    return codes;
  }

  reports(): ChangeReport[] {
    return this.changes;
  }

  /** Device state for operations that continue this trace. Call it within a task of the engine's queue; the state is
   *  valid until that task ends. */
  state(): Prefill {
    if (!this.run) throw new DisposedError('This trace was disposed. Trace the text again.');
    return this.run;
  }

  siteState(layer: number): SiteState {
    const { sites } = this.state();
    const index = this.engine.sites.findIndex((site) => site.layer === layer);
    if (index < 0) throw noSite(this.engine, layer);
    return sites[index]!;
  }

  async residual(layer: number, position: number): Promise<Float32Array> {
    this.checkPosition(position);
    return (await this.residuals(layer, [position]))[0]!;
  }

  /** The site's residuals at several positions, in one readback. */
  residuals(layer: number, positions: readonly number[]): Promise<Float32Array[]> {
    const { compute, config } = this.engine.model;
    return this.engine.queue.run(() =>
      withScope(compute, async (scope) => {
        const rows = scope.rows(positions.length, config.d);
        for (const [row, position] of positions.entries())
          compute.copy(slice(this.siteState(layer).h, position), slice(rows, row), 1);
        const [data] = (await compute.read([rows])) as [Float32Array];
        return positions.map((_, row) => data.slice(row * config.d, (row + 1) * config.d));
      }),
    );
  }

  async top(position: number, n: number): Promise<TokenLogprob[]> {
    this.checkPosition(position);
    return this.engine.queue.run(async () => topTokens(this.engine, this.state().final, position, n));
  }

  async lens(layer: number, position: number, n: number): Promise<TokenLogprob[]> {
    this.checkPosition(position);
    return this.engine.queue.run(async () => topTokens(this.engine, this.siteState(layer).h, position, n));
  }

  surprisal(): Promise<Float32Array> {
    this.surprisals ??= this.engine.queue.run(() => this.readSurprisal());
    return this.surprisals;
  }

  private readSurprisal(): Promise<Float32Array> {
    const { model } = this.engine;
    const { compute, config } = model;
    return withScope(compute, async (scope) => {
      const { final, length } = this.state();
      const out = new Float32Array(length).fill(Number.NaN);
      const h = scope.rows(LOGIT_ROWS, config.d);
      const logits = scope.rows(LOGIT_ROWS, config.vocabularySize);
      const stats = scope.rows(LOGIT_ROWS, 2);
      for (let start = 0; start < length - 1; start += LOGIT_ROWS) {
        const count = Math.min(LOGIT_ROWS, length - 1 - start);
        compute.copy(slice(final, start), slice(h), count);
        await model.logits(h, count, logits);
        compute.logsumexp(
          logits,
          count,
          Uint32Array.from(this.facts.ids.subarray(start + 1, start + 1 + count)),
          stats,
        );
        const [data] = await compute.read([stats]);
        for (let i = 0; i < count; i++) out[start + 1 + i] = finite(data![i * 2]!, start + i) - data![i * 2 + 1]!;
      }
      return out;
    });
  }

  private checkPosition(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position >= this.tokens.length) {
      throw new InvalidOptionError(
        `Position ${position} is outside the text's tokens, 0 to ${this.tokens.length - 1}.`,
      );
    }
  }

  dispose(): void {
    const { run } = this;
    if (!run) return;
    this.run = null;
    // Release after any task that still reads the run. An ended queue runs no task, but the device may live on: then
    // release at once.
    this.engine.queue.run(async () => run.release()).catch(() => run.release());
  }
}

/** Codes and change reports of a run at every site it went through, and the flags of its gates, in one readback. */
export async function readStates(
  engine: Engine,
  run: Prefill,
): Promise<{ codes: SiteCodes[]; changes: ChangeReport[]; flags: Uint32Array | null }> {
  const states = run.sites.flatMap((state, s) => (state ? [{ state, site: engine.sites[s]! }] : []));
  const list: Rows[] = states.flatMap(({ state }) => [
    state.codes.ids,
    state.codes.values,
    state.codes.stats,
    ...(state.report ? [state.report] : []),
  ]);
  const data = await engine.model.compute.read(run.flags ? [...list, run.flags] : list);
  const codes: SiteCodes[] = [];
  const changes: ChangeReport[] = [];
  let at = 0;
  for (const { state, site } of states) {
    const read = siteCodes(site.layer, site.info.k, [data[at++]!, data[at++]!, data[at++]!], 0, run.length);
    codes.push(read);
    if (!state.report) continue;
    const report = data[at++]!;
    changes.push({
      layer: site.layer,
      acted: Uint8Array.from({ length: run.length }, (_, t) => report[t * 4]!),
      change: Float32Array.from({ length: run.length }, (_, t) => checkedChange(report[t * 4 + 1]!, site.layer, t)),
      norm: read.norm.slice(),
    });
  }
  return { codes, changes, flags: run.flags && new Uint32Array(data.at(-1)!.buffer) };
}

/** The n likeliest tokens of one residual row through the final norm and the unembedding; runs inside the queue. */
function topTokens(engine: Engine, source: Rows, row: number, n: number): Promise<TokenLogprob[]> {
  const { compute, config } = engine.model;
  if (!Number.isInteger(n) || n < 1 || n > 1024)
    throw new InvalidOptionError(`${n} tokens asked for; 1 to 1024 can be.`);
  const count = Math.min(n, config.vocabularySize);
  return withScope(compute, async (scope) => {
    const h = scope.rows(1, config.d);
    const logits = scope.rows(1, config.vocabularySize);
    const ids = scope.rows(1, count);
    const values = scope.rows(1, count);
    const stats = scope.rows(1, 2);
    compute.copy(slice(source, row), slice(h), 1);
    await engine.model.logits(h, 1, logits);
    compute.topk(logits, 1, count, ids, values);
    compute.logsumexp(logits, 1, null, stats);
    const [idData, valueData, statData] = (await compute.read([ids, values, stats])) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const lse = finite(statData[0]!, row);
    const bits = new Uint32Array(idData.buffer, idData.byteOffset, count);
    return Array.from(bits, (id, i) => ({ id, text: engine.tokenizer.label(id), logprob: valueData[i]! - lse }));
  });
}
