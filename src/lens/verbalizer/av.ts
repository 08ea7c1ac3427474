import { throwIfAborted } from '../api/errors';
import type { VerbalizeStep } from '../api/verbalizer';
import { rowsThatFit } from '../engine/context';
import { copyKvTokens, createKv, type Kv } from '../engine/kv';
import type { Injected, Model } from '../engine/model';
import { sample } from '../engine/sampler';
import { Scope, withScope } from '../engine/scope';
import { TextStream, type Tokenizer } from '../engine/tokenizer';
import type { Rows } from '../kernels/compute';
import { sampleSeed } from '../maths/random';
import { setNorm } from '../maths/score';
import { explanationOf } from './explanation';
import { Lockstep } from './lockstep';
import type { AvPrompt } from './prompt';
import type { DeviceContext, VectorTarget, VerbalizeRun } from './source';

/** Rows that decode at once. */
const MOST_ROWS = 64;
/** Longest piece of a prompt that runs at once. */
const CHUNK = 128;

interface Row {
  target: VectorTarget;
  sample: number;
  seed: number;
  stream: TextStream;
  answer: string;
  next: number;
}

/** An activation verbalizer: a language model that reads a direction in place of one token's embedding, and says what
 *  the direction means. */
export class Av {
  /** Keys and values of the prompt before the marker, which no vector changes. */
  private prefix: { scope: Scope; kv: Kv } | null = null;

  /** `model` injects over the embedding. */
  constructor(
    private readonly host: DeviceContext,
    readonly model: Model,
    private readonly tokenizer: Tokenizer,
    private readonly prompt: AvPrompt,
    private readonly scale: number | null,
    /** If false, the whole prompt is run for every vector: for the benchmark, and for the test that the results are the
     *  same. */
    private readonly keepPrefix = true,
  ) {}

  /** As WordSource.verbalize. */
  async *verbalize(targets: readonly VectorTarget[], run: VerbalizeRun): AsyncGenerator<VerbalizeStep> {
    const rows = targets.flatMap((target) =>
      Array.from({ length: run.samples }, (_, sample): Row => {
        const seed = sampleSeed(run.seed, target.position, sample);
        return { target, sample, seed, stream: new TextStream(this.tokenizer), answer: '', next: 0 };
      }),
    );
    const most = this.rowsAtOnce(run.maxTokens);
    for (let from = 0; from < rows.length; from += most) yield* this.together(rows.slice(from, from + most), run);
  }

  /** As many as WebAssembly's memory has room for. */
  private rowsAtOnce(maxTokens: number): number {
    const { config, room } = this.model;
    if (!room) return MOST_ROWS;
    return Math.max(1, Math.min(MOST_ROWS, rowsThatFit(config, this.prompt.ids.length + maxTokens, room)));
  }

  private async *together(
    rows: Row[],
    { temperature, maxTokens, signal }: VerbalizeRun,
  ): AsyncGenerator<VerbalizeStep> {
    const { host, model, prompt } = this;
    const room = Math.min(maxTokens, model.config.contextLength - prompt.ids.length);
    const scope = new Scope(model.compute);
    try {
      const batch = new Lockstep(scope, model, rows.length, prompt.ids.length, room, host.wholeRow);
      for (const target of new Set(rows.map((row) => row.target))) {
        throwIfAborted(signal);
        await host.queue.run(() =>
          this.read(target.vector, (kv, h, last) => {
            for (const [at, row] of rows.entries()) if (row.target === target) batch.take(at, kv, h, last);
          }),
        );
      }
      for (let step = 0; ; step++) {
        throwIfAborted(signal);
        const drawn = await host.queue.run(() => batch.candidates());
        const ended: number[] = [];
        for (const [at, candidates] of drawn) {
          const row = rows[at]!;
          row.next = sample(candidates, { temperature, topP: 1, seed: row.seed }, step).id;
          const said = this.say(row, step + 1 >= room);
          if (said.done) ended.push(at);
          yield said;
        }
        throwIfAborted(signal);
        const done = await host.queue.run(async () => {
          for (const at of ended) batch.drop(at);
          if (batch.empty) return true;
          await batch.step((at) => rows[at]!.next);
          return false;
        });
        if (done) return;
      }
    } finally {
      scope.release();
    }
  }

  /** Adds the row's next token to its answer, and returns the step. */
  private say(row: Row, last: boolean): VerbalizeStep {
    const stop = this.model.config.eos.includes(row.next);
    if (!stop) row.answer += row.stream.push(row.next);
    const so = explanationOf(row.answer, false);
    const done = stop || so.closed ? 'stop' : last ? 'length' : null;
    if (done && !so.closed) row.answer += row.stream.end();
    const { text } = done ? explanationOf(row.answer, true) : so;
    return { position: row.target.position, sample: row.sample, token: row.next, text, relevancy: null, done };
  }

  /** Runs the prompt with the vector at the marker's place; `take` gets its cache, the last block's residuals, and the
   *  row of the last token. */
  private async read(vector: Float32Array, take: (kv: Kv, h: Rows, last: number) => void): Promise<void> {
    const { model, prompt } = this;
    const { compute, config } = model;
    await withScope(compute, async (scope) => {
      const kv = createKv(scope, config, 1, prompt.ids.length);
      const from = this.keepPrefix ? prompt.marker : 0;
      if (from > 0) copyKvTokens(compute, config, { kv: await this.keptPrefix(), row: 0 }, { kv, row: 0 }, from);
      const h = await this.feed(scope, kv, from, prompt.ids.length, vector);
      take(kv, h.rows, h.last);
    });
  }

  private async keptPrefix(): Promise<Kv> {
    if (this.prefix) return this.prefix.kv;
    const { model, prompt } = this;
    const scope = new Scope(model.compute);
    try {
      const kv = createKv(scope, model.config, 1, prompt.marker);
      await withScope(model.compute, (passing) => this.feed(passing, kv, 0, prompt.marker, null));
      this.prefix = { scope, kv };
      return kv;
    } catch (error) {
      scope.release();
      throw error;
    }
  }

  /** Feeds the prompt's tokens [from, to), the vector over the marker's embedding. */
  private async feed(
    scope: Scope,
    kv: Kv,
    from: number,
    to: number,
    vector: Float32Array | null,
  ): Promise<{ rows: Rows; last: number }> {
    const { model, prompt } = this;
    const { d } = model.config;
    const chunk = Math.min(CHUNK, to - from);
    const rows = scope.rows(chunk, d);
    let count = 0;
    for (let start = from; start < to; start += count) {
      count = Math.min(chunk, to - start);
      const at = prompt.marker - start;
      let injected: Injected | undefined;
      if (vector && at >= 0 && at < count) {
        const data = new Float32Array(count * d);
        data.set(setNorm(vector, this.scale), at * d);
        injected = {
          mask: Uint8Array.from({ length: count }, (_, i) => Number(i === at)),
          rows: scope.rows(count, d, data),
        };
      }
      const ids = Int32Array.from(prompt.ids.slice(start, start + count));
      await model.run(
        0,
        ids,
        kv,
        { batch: 1, seq: count, lengths: [start + count], total: start + count },
        rows,
        injected,
      );
    }
    return { rows, last: count - 1 };
  }

  async release(): Promise<void> {
    this.prefix?.scope.release();
    await this.model.release();
  }
}
