import { throwIfAborted } from '../api/errors';
import type { EditPlan, GateTable } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import { type Codes, type Compute, type Report, type Rows, type Slice, slice } from '../kernels/compute';
import type { TokenFacts } from '../maths/where';
import { createKv, type Kv } from './kv';
import type { Model } from './model';
import { Scope } from './scope';
import type { Moves, RowSpec } from './setup';
import { TextGates } from './text-gates';

/** Longest piece of a prompt that runs at once. */
const CHUNK = 128;

/** The state after a run at one site, on the device. */
export interface SiteState {
  /** Residual before this site's edits, [T, d]. */
  h: Rows;
  codes: Codes; // of h, [T]
  /** Report of the edits, [T, 4]; null if the run had no edits here. */
  report: Report | null;
}

export interface Prefill {
  length: number;
  /** One per site of the model; null below the cut that the run began at. */
  sites: (SiteState | null)[];
  /** Residual after the last block, [T, d]. */
  final: Rows;
  /** TextGates.flags; null without gates. */
  flags: Rows | null;
  release(): void;
}

interface PrefillOptions {
  ids: Int32Array;
  /** Begins above this site, not at the embedding. `base`: an unedited run over the same tokens. */
  above?: { site: number; base: Prefill };
  plan?: EditPlan;
  moves?: Moves;
  /** Those to evaluate: of the plan, or of rows that go on from this run. */
  gates?: GateTable | null;
  /** Of each token; a plan and gates need them. */
  tokens?: readonly TokenFacts[];
  /** Reports of the run whose |change| random directions match; a plan with random directions needs it. */
  source?: Prefill;
  kv?: Kv;
  chunk?: number;
  /** Ends behind this many parts; all of them by default. `final` is then the residual there. */
  parts?: number;
  signal?: AbortSignal;
}

/** Runs one text through the model, chunk by chunk, with codes and edits at every site on the way. The caller releases
 *  the result. */
export async function prefill(model: Model, sites: Site[], options: PrefillOptions): Promise<Prefill> {
  const { compute, config, parts } = model;
  const { ids, above, plan } = options;
  const length = ids.length;
  const chunk = Math.min(options.chunk ?? CHUNK, length);
  const end = options.parts ?? parts.length;
  const fromPart = above ? above.site + 1 : 0;
  const result = new Scope(compute);
  const passing = new Scope(compute);
  try {
    const fromLayer = fromPart < parts.length ? parts[fromPart]!.spec.from : config.layers;
    const kv = options.kv ?? createKv(passing, config, 1, length, fromLayer);
    const h = [passing.rows(chunk, config.d), passing.rows(chunk, config.d)] as const;
    const states: (SiteState | null)[] = sites.map((site, s) =>
      s < fromPart - 1
        ? null
        : {
            h: result.rows(length, config.d),
            codes: result.codes(site.dictionary, length),
            report: plan?.at(site.layer) ? result.rows(length, 4) : null,
          },
    );
    const final = result.rows(length, config.d);
    const gates = options.gates ? new TextGates(result, options.gates, options.tokens!) : null;
    const flags = gates?.flags ?? null;
    const edits = (s: number) => ({ ...options, source: options.source?.sites[s]?.report });
    for (let start = 0; start < length; start += chunk) {
      const count = Math.min(chunk, length - start);
      let now = 0;
      if (above) {
        const state = states[above.site]!;
        copyState(compute, above.base.sites[above.site]!, state, start, count);
        for (const [s, site] of sites.slice(0, above.site + 1).entries())
          gates?.at(site, above.base.sites[s]!, start, count);
        compute.copy(slice(state.h, start), slice(h[0]), count);
        editChunk(compute, sites[above.site]!, state, { h: h[0], flags, start, count }, edits(above.site));
      }
      for (let p = fromPart; p < end; p++) {
        throwIfAborted(options.signal);
        const feed = { batch: 1, seq: count, lengths: [start + count], total: start + count };
        await model.run(p, p === 0 ? ids.subarray(start, start + count) : h[now]!, kv, feed, h[1 - now]!);
        now = 1 - now;
        const site = sites[p];
        const state = states[p];
        if (!site || !state) continue;
        compute.copy(slice(h[now]!), slice(state.h, start), count);
        compute.encode(site.dictionary, slice(h[now]!), count, slice(state.codes, start));
        gates?.at(site, state, start, count);
        editChunk(compute, site, state, { h: h[now]!, flags, start, count }, edits(p));
      }
      compute.copy(slice(h[now]!), slice(final, start), count);
    }
    return { length, sites: states, final, flags, release: () => result.release() };
  } catch (error) {
    result.release();
    throw error;
  } finally {
    passing.release();
  }
}

/** Runs a row of a setup with its edits, after its source if it has random directions. Both begin at the row's lowest
 *  edited site, on the states of `base`, an unedited run. */
export async function prefillEdited(
  model: Model,
  sites: Site[],
  base: Prefill,
  specs: RowSpec[],
  row: number,
  options: Pick<PrefillOptions, 'ids' | 'tokens' | 'gates' | 'moves' | 'chunk' | 'signal'>,
): Promise<Prefill> {
  const { plan, source } = specs[row]!;
  const cut = sites.findIndex((site) => site.layer === plan.lowest);
  const above = { site: cut, base };
  const gates = plan.gated ? options.gates : null;
  const matched = source >= 0 ? await prefillEdited(model, sites, base, specs, source, options) : undefined;
  try {
    return await prefill(model, sites, { ...options, above, plan, gates, source: matched });
  } finally {
    matched?.release();
  }
}

function copyState(compute: Compute, from: SiteState, to: SiteState, start: number, count: number): void {
  compute.copy(slice(from.h, start), slice(to.h, start), count);
  copyCodes(compute, slice(from.codes, start), slice(to.codes, start), count);
}

export function copyCodes(compute: Compute, src: Slice<Codes>, dst: Slice<Codes>, count: number): void {
  for (const part of ['ids', 'values', 'stats'] as const)
    compute.copy(slice(src.rows[part], src.from), slice(dst.rows[part], dst.from), count);
}

/** Carries out the plan on the first rows of h, a token each, `count` of them from token `start` on. `source`: the
 *  report that random directions match. */
function editChunk(
  compute: Compute,
  site: Site,
  { codes, report: whole }: SiteState,
  { h, flags, start, count }: { h: Rows; flags: Rows | null; start: number; count: number },
  options: Pick<PrefillOptions, 'plan' | 'moves' | 'tokens'> & { source?: Report | null },
): void {
  const plan = options.plan?.at(site.layer);
  if (!plan || !whole) return;
  const { vectors, directions, direction } = options.moves!;
  const report = slice(whole, start);
  if (plan.random === null) {
    const programs = options.tokens!.slice(start, start + count).map((token) => plan.slots(token));
    compute.edit(site.dictionary, {
      h: slice(h),
      programs,
      codes: slice(codes, start),
      vectors,
      report,
      flags: flags && slice(flags, start + 1),
    });
    return;
  }
  const along = direction(site.layer, plan.random);
  const moves = Array.from({ length: count }, (_, row) => ({ row, source: start + row, direction: along }));
  compute.match({ h: slice(h), moves, directions: directions!, source: options.source!, report });
}
