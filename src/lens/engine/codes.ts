import { NonFiniteError } from '../api/errors';
import type { SiteCodes } from '../api/site';
import { ACTIVE, PEAK, STATS } from '../kernels/compute';

/** Codes of rows [from, from + count) as they were read back; the first of them is the token at `position`.
 *  NonFiniteError where a residual held NaN or infinity, or is too large to square. */
export function siteCodes(
  layer: number,
  k: number,
  [ids, values, stats]: [Float32Array, Float32Array, Float32Array],
  from: number,
  count: number,
  position = 0,
): SiteCodes {
  const fvu = new Float32Array(count);
  const norm = new Float32Array(count);
  const centred = new Float32Array(count);
  const active = new Uint32Array(count);
  const peak = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = (from + i) * STATS;
    if (stats[at + ACTIVE]! < 0 || !Number.isFinite(stats[at]! + stats[at + 1]!))
      throw nonFinite(`The residual at layer ${layer}`, position + i, layer);
    fvu[i] = stats[at]! / stats[at + 1]!;
    norm[i] = Math.sqrt(stats[at + 2]!);
    centred[i] = Math.sqrt(stats[at + 1]!);
    active[i] = stats[at + ACTIVE]!;
    peak[i] = stats[at + PEAK]!;
  }
  const bits = new Uint32Array(ids.buffer, ids.byteOffset, ids.length);
  return {
    layer,
    k,
    ids: bits.slice(from * k, (from + count) * k),
    values: values.slice(from * k, (from + count) * k),
    fvu,
    norm,
    centred,
    active,
    peak,
  };
}

/** Returns a reported |change|. Throws NonFiniteError if its square overflows float32: norms above would silently be
 *  0. */
export function checkedChange(change: number, layer: number, position: number): number {
  if (Number.isFinite(Math.fround(change * change))) return change;
  throw nonFinite(`The edited residual at layer ${layer}`, position, layer);
}

/** A log-sum-exp of logits, or NonFiniteError. */
export function finite(logSumExp: number, position: number): number {
  if (Number.isFinite(logSumExp)) return logSumExp;
  throw nonFinite('The logits', position);
}

function nonFinite(what: string, position: number, layer?: number): NonFiniteError {
  return new NonFiniteError(
    `${what} held NaN or infinity at token ${position}. An edit of too large a strength, or damaged weights, cause this.`,
    {
      layer,
      position,
    },
  );
}
