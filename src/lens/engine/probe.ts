import type { Qwen3Config } from '../artifacts/config';
import type { Model } from './model';
import { prefill } from './prefill';
import { withScope } from './scope';

/** The wasm provider is for models of lenslet-mini's size; above this a token would take seconds. */
export const WASM_PARAMETERS = 64e6;
/** Long enough to take the attention kernel that ONNX Runtime uses from 32 tokens on. */
const LENGTH = 72;
/** Largest difference of logits that two correct float32 providers may show, against the spread of the logits. */
const TOLERANCE = 1e-3;

/** Logits after a fixed text of LENGTH pseudo-random tokens. */
function probeLogits(model: Model): Promise<Float32Array> {
  const { compute, config } = model;
  return withScope(compute, async (scope) => {
    const length = Math.min(LENGTH, config.contextLength);
    const ids = Int32Array.from({ length }, (_, i) => (i * 7919 + 13) % config.vocabularySize);
    const run = await prefill(model, [], { ids });
    try {
      const h = scope.rows(1, config.d);
      const logits = scope.rows(1, config.vocabularySize);
      compute.copy(run.final, length - 1, h, 0, 1);
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

/** Number of parameters of a model, for the limits of the wasm provider. */
export function parameters(config: Qwen3Config): number {
  const { d, heads, kvHeads, headDim, intermediate, layers, vocabularySize, tied } = config;
  return layers * (d * headDim * (2 * heads + 2 * kvHeads) + 3 * d * intermediate) + vocabularySize * d * (tied ? 1 : 2);
}
