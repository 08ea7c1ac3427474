import { throwIfAborted } from '../api/errors';
import type { Rows } from '../kernels/compute';
import { createKv } from './kv';
import type { Model } from './model';
import { type Scope, withScope } from './scope';

/** Several texts read at once, unedited, right-padded into one batch. Row (b, t) is at b * total + t; rows past a
 *  text's end are meaningless. */
interface PaddedRun {
  total: number;
  /** Residual after each part: at every site in order, then (where a part follows the last site) after the last block.
   *  [B * total, d]. */
  parts: Rows[];
}

/** The result lives as long as the scope. */
export function paddedPrefill(
  scope: Scope,
  model: Model,
  texts: ArrayLike<number>[],
  signal?: AbortSignal,
): Promise<PaddedRun> {
  const { compute, config } = model;
  const lengths = texts.map((ids) => ids.length);
  const total = Math.max(...lengths);
  const ids = new Int32Array(texts.length * total);
  for (const [b, text] of texts.entries()) ids.set(Array.from(text), b * total);
  return withScope(compute, async (passing) => {
    const kv = createKv(passing, config, texts.length, total);
    const parts: Rows[] = [];
    for (let p = 0; p < model.parts.length; p++) {
      throwIfAborted(signal);
      const out = scope.rows(texts.length * total, config.d);
      parts.push(out);
      await model.run(p, p === 0 ? ids : parts[p - 1]!, kv, { batch: texts.length, seq: total, lengths, total }, out);
    }
    return { total, parts };
  });
}
