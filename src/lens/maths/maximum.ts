import type { SiteCodes, SiteInfo } from '../api/site';

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

/** Raises seen[feature], [width], to the largest value in a text's codes. Position 0, an attention sink, does not
 *  count. */
export function noteMaxima(seen: Float32Array, { k, ids, values }: SiteCodes): void {
  for (let slot = k; slot < ids.length; slot++) {
    const id = ids[slot]!;
    if (id < seen.length && values[slot]! > seen[id]!) seen[id] = values[slot]!;
  }
}
