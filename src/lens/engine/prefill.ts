import type { Plan, SitePlan } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import { throwIfAborted } from '../errors';
import type { Codes, Compute, Report, Rows } from '../kernels/compute';
import { createKv, type Kv, releaseKv } from './kv';
import type { Model } from './model';

/** Longest piece of a prompt that runs at once. */
export const CHUNK = 128;

/** What a run leaves at one site, on the device. */
export interface SiteState {
  /** Residual before this site's edits, [T, d]. */
  h: Rows;
  codes: Codes; // of h, [T]
  /** What the edits did, [T, 4]; null where the run had none here. For random directions the |change| that was matched. */
  report: Report | null;
}

export interface Prefill {
  length: number;
  /** One per site of the model; null below the cut that the run began at. */
  sites: (SiteState | null)[];
  /** Residual after the last block, [T, d]. */
  final: Rows;
}

export interface PrefillOptions {
  ids: Int32Array;
  /** Begin above this site, on its state of an earlier run over the same tokens, instead of at the embedding. */
  above?: { site: number; state: SiteState };
  plan?: Plan;
  /** Device rows that the plan's slots and random directions name. */
  vectors?: Rows | null;
  directions?: { rows: Rows; index: (layer: number, seed: number) => number };
  /** Per site, the report of the run whose |change| random directions match; without it they match what their own edits would do. */
  source?: (Report | null)[];
  kv?: Kv;
  chunk?: number;
  signal?: AbortSignal;
}

/** Runs one text through the model, chunk by chunk, with codes and edits at every site on the way. */
export async function prefill(model: Model, sites: Site[], options: PrefillOptions): Promise<Prefill> {
  const { compute, config, parts } = model;
  const { ids, above, plan } = options;
  const length = ids.length;
  const chunk = Math.min(options.chunk ?? CHUNK, length);
  const fromPart = above ? above.site + 1 : 0;
  const kv = options.kv ?? createKv(compute, config, 1, length, fromPart < parts.length ? parts[fromPart]!.spec.from : config.layers);
  const h = [compute.rows(chunk, config.d), compute.rows(chunk, config.d)] as const;
  const states: (SiteState | null)[] = sites.map((site, s) =>
    s < fromPart - 1
      ? null
      : { h: compute.rows(length, config.d), codes: compute.codes(site.dictionary, length), report: plan?.at(site.layer) ? compute.rows(length, 4) : null },
  );
  const final = compute.rows(length, config.d);
  const result: Prefill = { length, sites: states, final };
  try {
    for (let start = 0; start < length; start += chunk) {
      const count = Math.min(chunk, length - start);
      let now = 0;
      if (above) {
        const state = states[above.site]!;
        const { codes } = above.state;
        compute.copy(above.state.h, start, h[0], 0, count);
        compute.copy(above.state.h, start, state.h, start, count);
        compute.copy(codes.ids, start, state.codes.ids, start, count);
        compute.copy(codes.values, start, state.codes.values, start, count);
        compute.copy(codes.stats, start, state.codes.stats, start, count);
        editChunk(compute, sites[above.site]!, h[0], start, count, state, options, above.site);
      }
      for (let p = fromPart; p < parts.length; p++) {
        throwIfAborted(options.signal);
        const out = h[1 - now]!;
        const feed = { batch: 1, seq: count, lengths: [start + count], total: start + count };
        await model.run(p, p === 0 ? ids.subarray(start, start + count) : h[now]!, kv, feed, out);
        now = 1 - now;
        const site = sites[p];
        const state = states[p];
        if (!site || !state) continue;
        compute.copy(h[now]!, 0, state.h, start, count);
        compute.encode(site.dictionary, h[now]!, 0, count, state.codes, start);
        editChunk(compute, site, h[now]!, start, count, state, options, p);
      }
      compute.copy(h[now]!, 0, final, start, count);
    }
    return result;
  } catch (error) {
    releasePrefill(compute, result);
    throw error;
  } finally {
    compute.release(...h);
    if (!options.kv) releaseKv(compute, kv);
  }
}

/** Carries out the plan on rows h[0 .. count), the tokens from `start` on. */
function editChunk(compute: Compute, site: Site, h: Rows, start: number, count: number, state: SiteState, options: PrefillOptions, index: number): void {
  const plan = options.plan?.at(site.layer);
  if (!plan || !state.report) return;
  const vectors = options.vectors ?? null;
  const positions = Array.from({ length: count }, (_, i) => start + i);
  const source = options.source?.[index];
  if (plan.random === null) {
    compute.edit(site.dictionary, h, 0, programs(plan, positions), state.codes, start, vectors, state.report, start);
    return;
  }
  const direction = options.directions!.index(site.layer, plan.random);
  if (source) {
    const moves = positions.map((position, row) => ({ row, source: position, direction }));
    compute.match(h, 0, moves, options.directions!.rows, source, state.report, start);
    return;
  }
  const own = compute.rows(count, 4);
  compute.edit(site.dictionary, h, 0, programs(plan, positions), state.codes, start, vectors, own, 0);
  const moves = positions.map((_, row) => ({ row, source: row, direction }));
  compute.match(h, 0, moves, options.directions!.rows, own, state.report, start);
  compute.release(own);
}

function programs(plan: SitePlan, positions: number[]) {
  return positions.map((position) => plan.program(position, false));
}

export function releasePrefill(compute: Compute, run: Prefill): void {
  for (const state of run.sites) {
    if (!state) continue;
    compute.release(state.h);
    compute.releaseCodes(state.codes);
    if (state.report) compute.release(state.report);
  }
  compute.release(run.final);
}
