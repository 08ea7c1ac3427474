import type { DecoderConfig } from '../folders/config';
import { type Rows, slice } from '../kernels/compute';
import { createKv } from './kv';
import type { Model } from './model';
import { prefill } from './prefill';
import { withScope } from './scope';

/** Long enough to take the attention kernel that ONNX Runtime uses from 32 tokens on. */
const LENGTH = 72;
/** Largest difference of logits that two correct float32 providers may show, against the spread of the logits. */
const TOLERANCE = 1e-3;

/** Logits after a fixed text of LENGTH pseudo-random tokens. */
function probeLogits(model: Model): Promise<Float32Array> {
  const { compute, config } = model;
  return withScope(compute, async (scope) => {
    const ids = probeIds(config);
    const { length } = ids;
    const run = await prefill(model, [], { ids });
    try {
      const h = scope.rows(1, config.d);
      const logits = scope.rows(1, config.vocabularySize);
      compute.copy(slice(run.final, length - 1), slice(h), 1);
      await model.logits(h, 1, logits);
      return (await compute.read([logits]))[0]!;
    } finally {
      run.release();
    }
  });
}

/** Whether two providers give the same logits; `difference` is the largest, relative to the largest logit. */
export async function probe(model: Model, reference: Model): Promise<{ ok: boolean; difference: number }> {
  const [a, b] = [await probeLogits(model), await probeLogits(reference)];
  const difference = largestDifference(a, b);
  return { ok: difference <= TOLERANCE, difference };
}

/** max |a - b| / max |b|; Infinity where either holds NaN or infinity. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < b.length; i++) {
    const x = Math.abs(a[i]! - b[i]!);
    if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, x);
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return scale > 0 ? difference / scale : difference;
}

/** Largest |dh| / |h| that half-float activations may show against float32, at any position of any site. It holds for
 *  all channels, and again without the outliers, which would hide the others. Storing the stream as bfloat16, in which
 *  these models are trained, costs about as much. */
const HALF_RESIDUAL = 0.01;
/** An outlier channel is more than this many times the row's median. */
const OUTLIER = 10;
/** Largest difference of any of the TOP largest logits, in nats: a tenth of a probability. */
const HALF_LOGIT = 0.1;
const TOP = 10;

/** The results on a probe text: the residual behind each site and the last block, [T, d], and the logits after the last
 *  token. */
export interface ProbeRun {
  d: number;
  residuals: { layer: number; h: Float32Array }[];
  logits: Float32Array;
}

export interface ActivationsProbe {
  ok: boolean;
  /** Largest |dh| / |h|, with and without outlier channels, the first token with its sink included. */
  residual: number;
  /** Largest difference of the TOP largest logits of the reference. */
  logit: number;
  /** Why float32 is used; null where half floats agree. */
  sentence: string | null;
}

/** Compares a model with half-float activations and the same weights in float32, on one text of `ids` (by default
 *  LENGTH fixed tokens). Both are on one device. If they disagree, half floats are not used. */
export async function probeActivations(reference: Model, half: Model, ids?: Int32Array): Promise<ActivationsProbe> {
  const text = ids ?? probeIds(reference.config);
  return judgeActivations(await probeRun(reference, text), await probeRun(half, text));
}

/** Whether two runs over one text agree as closely as half floats must with float32. */
export function judgeActivations(reference: ProbeRun, half: ProbeRun): ActivationsProbe {
  const { d } = reference;
  let residual = 0;
  let where = '';
  for (const [s, { layer, h }] of reference.residuals.entries()) {
    const other = half.residuals[s]!.h;
    for (let at = 0; at < h.length; at += d) {
      const difference = relativeDifference(other.subarray(at, at + d), h.subarray(at, at + d));
      if (difference <= residual) continue;
      residual = difference;
      where = `at token ${at / d} behind block ${layer}`;
    }
  }
  let logit = 0;
  for (const id of largest(reference.logits, TOP))
    logit = Math.max(logit, finite(Math.abs(half.logits[id]! - reference.logits[id]!)));
  if (half.logits.some((x) => !Number.isFinite(x))) logit = Number.POSITIVE_INFINITY;
  const ok = residual <= HALF_RESIDUAL && logit <= HALF_LOGIT;
  const broken =
    residual === Number.POSITIVE_INFINITY
      ? `overflow ${where}`
      : `differ from float32 by ${percent(residual)} % of the residual ${where}`;
  const sentence =
    residual > HALF_RESIDUAL
      ? `Half floats ${broken}`
      : `Half floats change a leading logit by ${logit.toPrecision(2)} nats`;
  return { ok, residual, logit, sentence: ok ? null : `${sentence}: activations are float32.` };
}

/** Tokens that are fed one by one behind the text: decoding takes other kernels than a prefill. */
const DECODED = 3;

/** Part by part, so that every cut is seen; the last tokens one by one. */
function probeRun(model: Model, ids: Int32Array): Promise<ProbeRun> {
  const { compute, config, parts } = model;
  const { length } = ids;
  const together = Math.max(1, length - DECODED);
  return withScope(compute, async (scope) => {
    const kv = createKv(scope, config, 1, length);
    const rows = parts.map(() => scope.rows(length, config.d));
    const run = async (from: number, count: number) => {
      const feed = { batch: 1, seq: count, lengths: [from + count], total: from + count };
      let h: Rows | Int32Array = ids.subarray(from, from + count);
      for (const p of parts.keys()) {
        const out = scope.rows(count, config.d);
        await model.run(p, h, kv, feed, out);
        compute.copy(slice(out), slice(rows[p]!, from), count);
        h = out;
      }
    };
    await run(0, together);
    for (let t = together; t < length; t++) await run(t, 1);
    const last = scope.rows(1, config.d);
    const logits = scope.rows(1, config.vocabularySize);
    compute.copy(slice(rows.at(-1)!, length - 1), slice(last), 1);
    await model.logits(last, 1, logits);
    const read = await compute.read([...rows, logits]);
    return {
      d: config.d,
      residuals: parts.map(({ spec }, p) => ({ layer: spec.to, h: read[p]! })),
      logits: read.at(-1)!,
    };
  });
}

function probeIds({ contextLength, vocabularySize }: DecoderConfig): Int32Array {
  return Int32Array.from({ length: Math.min(LENGTH, contextLength) }, (_, i) => (i * 7919 + 13) % vocabularySize);
}

/** |a - b| / |b| over all channels or without b's outlier channels, whichever is larger; Infinity instead of NaN. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
  const ordinary = OUTLIER * b.map(Math.abs).sort()[b.length >> 1]!;
  const [all, rest] = [
    { difference: 0, norm: 0 },
    { difference: 0, norm: 0 },
  ];
  for (let i = 0; i < b.length; i++) {
    for (const sum of Math.abs(b[i]!) <= ordinary ? [all, rest] : [all]) {
      sum.difference += (a[i]! - b[i]!) ** 2;
      sum.norm += b[i]! ** 2;
    }
  }
  return Math.max(
    ...[all, rest].map(({ difference, norm }) => (difference === 0 ? 0 : finite(Math.sqrt(difference / norm)))),
  );
}

function finite(difference: number): number {
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}

function percent(share: number): string {
  return (100 * share).toPrecision(2);
}

/** Ids of the n largest. */
function largest(logits: Float32Array, n: number): number[] {
  return Array.from(logits.keys())
    .sort((a, b) => logits[b]! - logits[a]!)
    .slice(0, n);
}
