import type { ChatSpan } from '../api/chat';
import type { EditPlan } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import { type Codes, type Compute, type MatchedMove, type Report, type Rows, slice } from '../kernels/compute';
import { beginsTurn, type TokenFacts } from '../maths/where';
import { checkBatch } from './context';
import { copyKv, createKv, type Kv } from './kv';
import type { Model } from './model';
import { copyCodes, type Prefill, prefill } from './prefill';
import { type Scope, withScope } from './scope';
import type { Moves, RowSpec, Setup } from './setup';
import type { RowFacts, TextFacts } from './text-facts';

/** A step's results at one site, on the device, one row for each row of the batch. */
interface BatchSite {
  codes: Codes;
  /** Report of the edits along their own directions, [rows, 4]. */
  direct: Report;
  /** Report of the moves along random directions, [rows, 4]. */
  matched: Report;
}

/** Rows that run in lockstep from one prompt: each with its own edits, all in one batch from the second token on. */
export class Batch {
  readonly sites: BatchSite[];
  /** Next-token logits of every row, [rows, V]. */
  readonly logits: Rows;
  /** Residual after the last block that the logits were computed from, [rows, d]. */
  readonly final: Rows;
  /** Flags of the gates at the token fed last, [rows, gates], u32; null where no row has gates. */
  readonly flags: Rows | null;
  private readonly kv: Kv;
  private readonly h: [Rows, Rows];
  private readonly moves: Moves;
  private length = 0;
  /** What is known of each row's tokens as they are fed. */
  private rows: RowFacts[] = [];
  private fed: readonly TokenFacts[] = [];

  /** All its rows on the device live as long as the scope. `specs`: the setup's rows, then more without random
   *  directions. Throws InvalidOptionError if they need too much memory. */
  constructor(
    scope: Scope,
    private readonly model: Model,
    private readonly dictionaries: Site[],
    private readonly setup: Setup,
    private readonly specs: RowSpec[],
    private readonly max: number,
  ) {
    const { config } = model;
    const n = specs.length;
    checkBatch(config, n, max, model.room);
    this.moves = setup.upload(scope);
    this.kv = createKv(scope, config, n, max);
    this.h = [scope.rows(n, config.d), scope.rows(n, config.d)];
    this.final = scope.rows(n, config.d);
    this.logits = scope.rows(n, config.vocabularySize);
    this.flags = specs.some(({ plan }) => plan.gated) ? scope.rows(n, setup.gates.size) : null;
    this.sites = dictionaries.map((site) => ({
      codes: scope.codes(site.dictionary, n),
      direct: scope.rows(n, 4),
      matched: scope.rows(n, 4),
    }));
  }

  plan(row: number): EditPlan {
    return this.specs[row]!.plan;
  }

  /** Where the next token of a row stands if it is `id`; null in a plain text. */
  spanOf(row: number, id: number): ChatSpan | null {
    return this.rows[row]!.spanOf(id);
  }

  /** Whether the gates of a row's edits are open, in the edits' order; `flags`: as read. An edit along a random
   *  direction acts where its source's gate is open. */
  open(row: number, flags: Uint32Array): boolean[] {
    const { plan, source } = this.specs[row]!;
    const { size } = this.setup.gates;
    return plan.gates.map(({ column, random }) => flags[(random ? source : row) * size + column] === 1);
  }

  private get compute(): Compute {
    return this.model.compute;
  }

  /** Runs the prompt once without edits, then once for each row that edits it, from that row's lowest cut on. Fills
   *  `sites`, `final` and `logits`. */
  async start(text: TextFacts, signal?: AbortSignal): Promise<void> {
    const { model, dictionaries, compute, specs } = this;
    const { config } = model;
    const { ids, tokens } = text;
    const gates = this.flags && this.setup.gates;
    const runsAnew = ({ plan }: RowSpec) => !plan.empty && plan.reachesAny(tokens);
    // Of the gates, the rows that take the prompt from the unedited run need their flags in it.
    const shared = specs.some((spec) => spec.plan.gated && !runsAnew(spec)) ? gates : null;
    this.rows = specs.map(() => text.row());
    this.fed = specs.map(() => tokens.at(-1)!);
    await withScope(compute, async (scope) => {
      const kv = createKv(scope, config, 1, this.max);
      const runs: (Prefill | null)[] = specs.map(() => null);
      const base = await prefill(model, dictionaries, { ids, tokens, gates: shared, kv, signal });
      try {
        for (const [row] of specs.entries()) copyKv(compute, config, { kv, row: 0 }, { kv: this.kv, row }, 0);
        // A row runs after the row that it matches.
        const order = [...specs.keys()].sort((a, b) => Number(specs[a]!.source >= 0) - Number(specs[b]!.source >= 0));
        for (const row of order) {
          const { plan, source } = specs[row]!;
          if (!runsAnew(specs[row]!)) continue;
          const cut = dictionaries.findIndex((site) => site.layer === plan.lowest);
          const above = { site: cut, base };
          runs[row] = await prefill(model, dictionaries, {
            ids,
            tokens,
            above,
            plan,
            gates: plan.gated ? gates : null,
            kv,
            moves: this.moves,
            source: runs[source] ?? undefined,
            signal,
          });
          copyKv(compute, config, { kv, row: 0 }, { kv: this.kv, row }, plan.lowest + 1);
        }
        for (const [row] of specs.entries()) this.takePrompt(row, runs[row] ?? base, base, ids.length - 1);
        await model.logits(this.final, specs.length, this.logits);
        this.length = ids.length;
      } finally {
        for (const run of runs) run?.release();
        base.release();
      }
    });
  }

  /** Takes the prompt's last token as the step from which the first token is sampled. */
  private takePrompt(row: number, run: Prefill, base: Prefill, last: number): void {
    const { compute } = this;
    compute.copy(slice(run.final, last), slice(this.final, row), 1);
    if (run.flags && this.flags) compute.copy(slice(run.flags, last + 1), slice(this.flags, row), 1);
    for (const [s, site] of this.sites.entries()) {
      const state = run.sites[s] ?? base.sites[s]!;
      copyCodes(compute, slice(state.codes, last), slice(site.codes, row), 1);
      const plan = this.plan(row).at(this.dictionaries[s]!.layer);
      if (state.report)
        compute.copy(slice(state.report, last), slice(plan?.random === null ? site.direct : site.matched, row), 1);
    }
  }

  /** Feeds one token a row at the next position; fills `sites`, `final` and `logits`. */
  async step(tokens: Int32Array): Promise<void> {
    const { model, compute, specs } = this;
    const n = specs.length;
    const position = this.length++;
    const facts = this.rows.map((row, i) => row.push(tokens[i]!));
    const begins = facts.map((token, row) => beginsTurn(token, this.fed[row]));
    this.fed = facts;
    const feed = { batch: n, seq: 1, lengths: specs.map(() => position + 1), total: position + 1 };
    let now = 0;
    for (let p = 0; p < model.parts.length; p++) {
      await model.run(p, p === 0 ? tokens : this.h[now]!, this.kv, feed, this.h[1 - now]!);
      now = 1 - now;
      if (p < this.sites.length) this.atSite(p, this.h[now]!, facts, begins);
    }
    compute.copy(slice(this.h[now]!), slice(this.final), n);
    await model.logits(this.final, n, this.logits);
  }

  private atSite(s: number, h: Rows, tokens: TokenFacts[], begins: boolean[]): void {
    const { compute, specs, moves, flags } = this;
    const { codes, direct, matched } = this.sites[s]!;
    const { layer, dictionary } = this.dictionaries[s]!;
    compute.encode(dictionary, slice(h), specs.length, slice(codes));
    const gates = flags ? this.setup.gates.at(layer) : [];
    if (flags && gates.length > 0) {
      const sequences = specs.length;
      compute.gate(dictionary, {
        ...{ gates, sequences, begins, before: 0 },
        ...{ h: slice(h), codes: slice(codes), flags: slice(flags) },
      });
    }
    const plans = specs.map(({ plan }) => plan.at(layer));
    if (plans.every((plan) => plan === undefined)) return;
    const programs = plans.map((plan, row) => (plan?.random === null ? plan.slots(tokens[row]!) : []));
    const { vectors, directions } = moves;
    compute.edit(dictionary, {
      h: slice(h),
      programs,
      codes: slice(codes),
      vectors,
      report: slice(direct),
      flags: flags && slice(flags),
    });
    const random: MatchedMove[] = [];
    for (const [row, plan] of plans.entries()) {
      if (plan && plan.random !== null)
        random.push({ row, source: specs[row]!.source, direction: moves.direction(layer, plan.random) });
    }
    if (random.length > 0)
      compute.match({ h: slice(h), moves: random, directions: directions!, source: direct, report: slice(matched) });
  }
}
