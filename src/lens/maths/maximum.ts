import type { SiteCodes, SiteInfo } from '../api/site';
import { sinksOf } from './sinks';

/** The value of 1 x for a feature, and its source. */
interface FeatureMaximum {
  value: number;
  from: 'statistics' | 'seen';
}

/** The maximum that weights are measured in: the dictionary's own statistics, else the largest value seen so far; null
 *  if there is neither. */
export function featureMaximum(site: SiteInfo, seen: Float32Array | undefined, feature: number): FeatureMaximum | null {
  const stored = site.maximum?.[feature] ?? 0;
  if (stored > 0) return { value: stored, from: 'statistics' };
  const observed = seen?.[feature] ?? 0;
  return observed > 0 ? { value: observed, from: 'seen' } : null;
}

/** Raises seen[feature], [width], to the largest value in a text's codes. Position 0 does not count, and sinks do not.
 *  `normMedian`: SiteInfo's. */
export function noteMaxima(seen: Float32Array, codes: SiteCodes, normMedian: number | null): void {
  const { k, ids, values } = codes;
  const sinks = sinksOf(codes, normMedian);
  for (let slot = k; slot < ids.length; slot++) {
    const id = ids[slot]!;
    if (id < seen.length && values[slot]! > seen[id]! && !sinks.has(Math.floor(slot / k))) seen[id] = values[slot]!;
  }
}
