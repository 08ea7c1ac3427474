import { SiteUnavailableError, throwIfAborted } from '../api/errors';
import { createKv, type Kv } from '../engine/kv';
import type { Model } from '../engine/model';
import { withScope } from '../engine/scope';
import { type Rows, slice } from '../kernels/compute';

/** A prompt, and the positions at which a vector replaces a block's output. */
export interface Patch {
  ids: readonly number[];
  /** Block whose output is overwritten before block `layer + 1` reads it. The model must be cut behind it. */
  layer: number;
  positions: readonly number[];
}

/** Runs the prompt once up to the cut, and from there once for every vector. A vector keeps its norm; null puts in
 *  nothing. After each run, in order, `take` gets the cache, the last block's residuals and the row of the last token.
 *  Call it in a task of the queue. We own the residual between two parts, so this is exact, needs no graph of its own
 *  and costs a copy. */
export async function runPatched(
  model: Model,
  { ids, layer, positions }: Patch,
  vectors: readonly (Float32Array | null)[],
  take: (index: number, kv: Kv, h: Rows, last: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { compute, config, parts } = model;
  const cut = parts.findIndex(({ spec }) => spec.to === layer);
  if (cut < 0)
    throw new SiteUnavailableError(
      `The model is not cut behind block ${layer}; a vector can be put in behind one that it is cut at.`,
      { layer },
    );
  const length = ids.length;
  await withScope(compute, async (scope) => {
    const kv = createKv(scope, config, 1, length);
    const below = scope.rows(length, config.d);
    const h: [Rows, Rows] = [scope.rows(length, config.d), scope.rows(length, config.d)];
    const feed = { batch: 1, seq: length, lengths: [length], total: length };
    const run = async (from: number, to: number) => {
      for (let part = from; part < to; part++) {
        throwIfAborted(signal);
        await model.run(part, part === 0 ? Int32Array.from(ids) : h[0], kv, feed, h[1]);
        h.reverse();
      }
    };
    await run(0, cut + 1);
    compute.copy(slice(h[0]), slice(below), length);
    for (const [index, vector] of vectors.entries()) {
      compute.copy(slice(below), slice(h[0]), length);
      if (vector) {
        const row = scope.rows(1, config.d, vector);
        for (const position of positions) compute.copy(slice(row), slice(h[0], position), 1);
      }
      await run(cut + 1, parts.length);
      take(index, kv, h[0], length - 1);
    }
  });
}
