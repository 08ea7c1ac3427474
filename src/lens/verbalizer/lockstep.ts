import { CandidateReader } from '../engine/candidates';
import { copyKvTokens, createKv, type Kv } from '../engine/kv';
import type { Model } from '../engine/model';
import type { Candidates } from '../engine/sampler';
import type { Scope } from '../engine/scope';
import { type Rows, slice } from '../kernels/compute';

/** Continues answers in lockstep, a token a step, from prompts of the same length. A row that has ended is dropped, and
 *  the others go on as a smaller batch. Call all methods from tasks of the queue. */
export class Lockstep {
  private readonly kv: Kv;
  private readonly h: [Rows, Rows];
  private readonly logits: Rows;
  private readonly reader: CandidateReader;
  /** The row that stands at each place of the batch. */
  private readonly live: number[];

  /** For `rows` rows of a prompt of `length` tokens and at most `room` more. Lives as long as the scope. */
  constructor(
    scope: Scope,
    private readonly model: Model,
    rows: number,
    private length: number,
    room: number,
    wholeRow: number,
  ) {
    const { config } = model;
    this.kv = createKv(scope, config, rows, length + room);
    this.h = [scope.rows(rows, config.d), scope.rows(rows, config.d)];
    this.logits = scope.rows(rows, config.vocabularySize);
    this.reader = new CandidateReader(scope, model, this.logits, wholeRow);
    this.live = Array.from({ length: rows }, (_, row) => row);
  }

  /** Starts row `row` after a prompt that was run: takes its cache, and row `hRow` of h, the residual behind the last
   *  block at the prompt's last token. */
  take(row: number, kv: Kv, h: Rows, hRow: number): void {
    const { compute, config } = this.model;
    copyKvTokens(compute, config, { kv, row: 0 }, { kv: this.kv, row }, this.length);
    compute.copy(slice(h, hRow), slice(this.h[0], row), 1);
  }

  /** The candidates for the next token of each row that is not dropped. */
  async candidates(): Promise<Map<number, Candidates>> {
    const { model, live, length } = this;
    await model.logits(this.h[0], live.length, this.logits);
    const data = await model.compute.read(this.reader.request());
    return new Map(live.map((row, at) => [row, this.reader.row(data, at, length - 1)]));
  }

  /** -log p of one token a row under the logits of the last `candidates`. Costs a second readback, needed only if that
   *  read no whole rows. */
  async surprisals(token: (row: number) => number | undefined): Promise<Map<number, number>> {
    const targets = new Uint32Array(this.logits.rows).fill(0xffffffff);
    for (const [at, row] of this.live.entries()) targets[at] = token(row) ?? 0xffffffff;
    const all = await this.reader.surprisals(targets);
    return new Map(this.live.map((row, at) => [row, all[at]!]));
  }

  /** Takes a row out of the batch; the last one moves to its place. */
  drop(row: number): void {
    const { compute, config } = this.model;
    const [at, last] = [this.live.indexOf(row), this.live.length - 1];
    if (at !== last) {
      const count = config.kvHeads * this.kv.max;
      for (const rows of [...this.kv.key, ...this.kv.value])
        compute.copy(slice(rows, last * count), slice(rows, at * count), count);
      this.live[at] = this.live[last]!;
    }
    this.live.pop();
  }

  get empty(): boolean {
    return this.live.length === 0;
  }

  /** Feeds every row that is not dropped its next token. */
  async step(token: (row: number) => number): Promise<void> {
    const { model, live, h } = this;
    const position = this.length++;
    const feed = { batch: live.length, seq: 1, lengths: live.map(() => position + 1), total: position + 1 };
    let input: Int32Array | Rows = Int32Array.from(live, token);
    for (let part = 0; part < model.parts.length; part++) {
      await model.run(part, input, this.kv, feed, h[1]);
      h.reverse();
      input = h[0];
    }
  }
}
