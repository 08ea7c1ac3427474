import { throwIfAborted } from '../api/errors';
import type { ParityCase } from '../api/lens';
import { type Rows, slice } from '../kernels/compute';
import type { Source } from '../sources/source';
import { siteCodes } from './codes';
import type { Engine } from './engine';
import { compare, type Golden, type GoldenText, type Measured, openGolden } from './golden';
import { paddedPrefill } from './padded';
import { prefill } from './prefill';
import { withScope } from './scope';

/** Rows of logits read back at once. */
const LOGIT_ROWS = 32;
/** Chunk of the chunked case: short enough that the longest text takes several. */
const SHORT_CHUNK = 48;

export interface ParityOptions {
  signal?: AbortSignal;
  onCase?: (c: ParityCase) => void;
  /** Names of golden texts; all without it. */
  texts?: readonly string[];
}

/** Runs the folder's golden texts on this machine: each alone, each inside right-padded batches, and the longest in
 *  chunks. */
export async function parity(engine: Engine, folder: Source, options: ParityOptions): Promise<ParityCase[]> {
  const golden = await openGolden(folder, options.signal);
  const out: ParityCase[] = [];
  const done = (c: ParityCase) => {
    out.push(c);
    options.onCase?.(c);
  };
  const texts = golden.texts.filter(({ name }) => options.texts?.includes(name) ?? true);
  const longest = texts.reduce((a, b) => (b.ids.length > a.ids.length ? b : a));
  for (const text of texts) {
    throwIfAborted(options.signal);
    done(await alone(engine, golden, text, text.name));
  }
  done(await alone(engine, golden, longest, `${longest.name}, in chunks of ${SHORT_CHUNK}`, SHORT_CHUNK));
  const shortest = texts.reduce((a, b) => (b.ids.length < a.ids.length ? b : a));
  for (const batch of [texts.filter((text) => text !== longest), [longest, shortest]]) {
    throwIfAborted(options.signal);
    for (const c of await together(engine, golden, batch, options.signal)) done(c);
  }
  return out;
}

function alone(engine: Engine, golden: Golden, text: GoldenText, name: string, chunk?: number): Promise<ParityCase> {
  const { model, sites, queue } = engine;
  return queue.run(async () => {
    const run = await prefill(model, sites, { ids: Int32Array.from(text.ids), chunk });
    try {
      const states = run.sites.map((state) => state!.h);
      return compare(golden, text, await measure(engine, states, run.final, 0, text.ids.length), name);
    } finally {
      run.release();
    }
  });
}

function together(engine: Engine, golden: Golden, texts: GoldenText[], signal?: AbortSignal): Promise<ParityCase[]> {
  const { model, sites, queue } = engine;
  return queue.run(() =>
    withScope(model.compute, async (scope) => {
      const ids = texts.map((text) => text.ids);
      const { total, parts } = await paddedPrefill(scope, model, ids, signal);
      const out: ParityCase[] = [];
      for (const [b, text] of texts.entries()) {
        const measured = await measure(engine, parts.slice(0, sites.length), parts.at(-1)!, b * total, text.ids.length);
        out.push(compare(golden, text, measured, `${text.name}, in a padded batch of ${texts.length}`));
      }
      return out;
    }),
  );
}

/** Codes, residuals and logits of rows [from, from + count). */
function measure(engine: Engine, states: Rows[], final: Rows, from: number, count: number): Promise<Measured> {
  const { model, sites } = engine;
  const { compute, config } = model;
  return withScope(compute, async (scope) => {
    const measured: Measured['sites'] = [];
    for (const [s, site] of sites.entries()) {
      const codes = scope.codes(site.dictionary, count);
      const h = scope.rows(count, config.d);
      compute.copy(slice(states[s]!, from), slice(h), count);
      compute.encode(site.dictionary, slice(h), count, slice(codes));
      const [ids, values, stats, residual] = (await compute.read([codes.ids, codes.values, codes.stats, h])) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      measured.push({ codes: siteCodes(site.layer, site.info.k, [ids, values, stats], 0, count), residual });
    }
    const v = config.vocabularySize;
    const h = scope.rows(LOGIT_ROWS, config.d);
    const logits = scope.rows(LOGIT_ROWS, v);
    const all = new Float32Array(count * v);
    for (let start = 0; start < count; start += LOGIT_ROWS) {
      const rows = Math.min(LOGIT_ROWS, count - start);
      compute.copy(slice(final, from + start), slice(h), rows);
      await model.logits(h, rows, logits);
      const [data] = await compute.read([logits]);
      all.set(data!.subarray(0, rows * v), start * v);
    }
    return { sites: measured, logits: (position) => all.subarray(position * v, (position + 1) * v) };
  });
}
