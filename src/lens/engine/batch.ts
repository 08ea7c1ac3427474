import type { Plan, RowTable } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import type { Codes, Compute, MatchedMove, Report, Rows } from '../kernels/compute';
import { copyKv, createKv, type Kv, releaseKv } from './kv';
import type { Model } from './model';
import { type Prefill, prefill, releasePrefill } from './prefill';

/** One row of a batch. */
export interface RowSpec {
  plan: Plan;
  /** Row whose |change| this row's random directions match, -1 for none: then they match what their own edits would do. */
  source: number;
}

/** What a step left at one site, on the device, a row each. */
export interface BatchSite {
  codes: Codes;
  /** What edits along their own directions did (for random ones without a source: would do), [rows, 4]. */
  direct: Report;
  /** What moves along random directions did, [rows, 4]. */
  matched: Report;
}

/** Device rows for everything that plans move along, and where each is. */
export interface Moves {
  vectors: RowTable;
  directions: RowTable;
}

/** Rows that run in lockstep from one prompt: each with its own edits, all in one batch from the second token on. */
export class Batch {
  readonly sites: BatchSite[];
  /** Next-token logits of every row, [rows, V]. */
  readonly logits: Rows;
  /** Residual after the last block that the logits were computed from, [rows, d]. */
  readonly final: Rows;
  private readonly kv: Kv;
  private readonly h: [Rows, Rows];
  private readonly vectors: Rows | null;
  private readonly directions: Rows | null;
  private length = 0;

  constructor(
    private readonly model: Model,
    private readonly dictionaries: Site[],
    private readonly specs: RowSpec[],
    moves: Moves,
    private readonly directionIndex: (layer: number, seed: number) => number,
    readonly max: number,
  ) {
    const { compute, config } = model;
    const n = specs.length;
    this.kv = createKv(compute, config, n, max);
    this.h = [compute.rows(n, config.d), compute.rows(n, config.d)];
    this.final = compute.rows(n, config.d);
    this.logits = compute.rows(n, config.vocabularySize);
    this.sites = dictionaries.map((site) => ({ codes: compute.codes(site.dictionary, n), direct: compute.rows(n, 4), matched: compute.rows(n, 4) }));
    this.vectors = tableRows(compute, moves.vectors, config.d);
    this.directions = tableRows(compute, moves.directions, config.d);
  }

  plan(row: number): Plan {
    return this.specs[row]!.plan;
  }

  private get compute(): Compute {
    return this.model.compute;
  }

  /** Prompts are run singly: once without edits, then each edited row from its lowest cut on. Fills `logits`. */
  async start(ids: Int32Array, signal?: AbortSignal): Promise<void> {
    const { model, dictionaries, compute } = this;
    const { config } = model;
    const kv = createKv(compute, config, 1, this.max);
    const runs: (Prefill | null)[] = this.specs.map(() => null);
    const base = await prefill(model, dictionaries, { ids, kv, signal });
    try {
      for (const [row] of this.specs.entries()) copyKv(compute, config, kv, 0, this.kv, row, 0, config.layers);
      // Rows that others match run before those.
      const order = [...this.specs.keys()].sort((a, b) => Number(this.specs[a]!.source >= 0) - Number(this.specs[b]!.source >= 0));
      for (const row of order) {
        const { plan, source } = this.specs[row]!;
        if (plan.empty || !plan.actsOnPrompt(ids.length)) continue;
        const cut = dictionaries.findIndex((site) => site.layer === plan.lowest);
        const run = await prefill(model, dictionaries, {
          ids,
          above: { site: cut, state: base.sites[cut]! },
          plan,
          kv,
          vectors: this.vectors,
          directions: this.directions ? { rows: this.directions, index: this.directionIndex } : undefined,
          source: source >= 0 && runs[source] ? runs[source]!.sites.map((s) => s?.report ?? null) : undefined,
          signal,
        });
        runs[row] = run;
        copyKv(compute, config, kv, 0, this.kv, row, plan.lowest + 1, config.layers);
      }
      for (const [row] of this.specs.entries()) this.takePrompt(row, runs[row] ?? base, base, ids.length - 1);
      await model.logits(this.final, this.specs.length, this.logits);
      this.length = ids.length;
    } finally {
      for (const run of runs) if (run) releasePrefill(compute, run);
      releasePrefill(compute, base);
      releaseKv(compute, kv);
    }
  }

  /** The prompt's last token is the step that the first sampled token comes from. */
  private takePrompt(row: number, run: Prefill, base: Prefill, last: number): void {
    const { compute } = this;
    compute.copy(run.final, last, this.final, row, 1);
    for (const [s, site] of this.sites.entries()) {
      const state = run.sites[s] ?? base.sites[s]!;
      compute.copy(state.codes.ids, last, site.codes.ids, row, 1);
      compute.copy(state.codes.values, last, site.codes.values, row, 1);
      compute.copy(state.codes.stats, last, site.codes.stats, row, 1);
      if (state.report)
        compute.copy(state.report, last, this.specs[row]!.plan.at(this.dictionaries[s]!.layer)?.random === null ? site.direct : site.matched, row, 1);
    }
  }

  /** Feeds one token a row at the next position; fills `sites`, `final` and `logits`. */
  async step(tokens: Int32Array): Promise<void> {
    const { model, compute, specs } = this;
    const n = specs.length;
    const position = this.length++;
    const feed = { batch: n, seq: 1, lengths: specs.map(() => position + 1), total: position + 1 };
    let now = 0;
    for (let p = 0; p < model.parts.length; p++) {
      await model.run(p, p === 0 ? tokens : this.h[now]!, this.kv, feed, this.h[1 - now]!);
      now = 1 - now;
      if (p < this.sites.length) this.site(p, this.h[now]!, position);
    }
    compute.copy(this.h[now]!, 0, this.final, 0, n);
    await model.logits(this.final, n, this.logits);
  }

  private site(s: number, h: Rows, position: number): void {
    const { compute, specs } = this;
    const { codes, direct, matched } = this.sites[s]!;
    const { layer, dictionary } = this.dictionaries[s]!;
    compute.encode(dictionary, h, 0, specs.length, codes, 0);
    const plans = specs.map(({ plan }) => plan.at(layer));
    if (plans.every((plan) => plan === undefined)) return;
    compute.edit(
      dictionary,
      h,
      0,
      plans.map((plan, row) => (!plan || (plan.random !== null && specs[row]!.source >= 0) ? { slots: [], dry: true } : plan.program(position, true))),
      codes,
      0,
      this.vectors,
      direct,
      0,
    );
    const moves: MatchedMove[] = [];
    for (const [row, plan] of plans.entries()) {
      if (!plan || plan.random === null) continue;
      moves.push({ row, source: specs[row]!.source >= 0 ? specs[row]!.source : row, direction: this.directionIndex(layer, plan.random) });
    }
    if (moves.length > 0) compute.match(h, 0, moves, this.directions!, direct, matched, 0);
  }

  release(): void {
    const { compute } = this;
    for (const { codes, direct, matched } of this.sites) {
      compute.releaseCodes(codes);
      compute.release(direct, matched);
    }
    compute.release(this.logits, this.final, ...this.h);
    if (this.vectors) compute.release(this.vectors);
    if (this.directions) compute.release(this.directions);
    releaseKv(compute, this.kv);
  }
}

export function tableRows(compute: Compute, table: RowTable, d: number): Rows | null {
  return table.list.length > 0 ? compute.rows(table.list.length, d, table.data(d)) : null;
}
