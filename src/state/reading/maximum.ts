import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { featureMaximum, noteMaxima } from '../../lens/maths/maximum';

/** What 1 x means for a feature, and where that comes from: the dictionary's statistics, the largest activation seen in
 *  this tab, or nothing (then 1). */
export interface Unit {
  value: number;
  source: 'statistics' | 'seen' | 'none';
}

/** What 1 x means for each feature of the open model. */
export type UnitOf = (layer: number, feature: number) => Unit;

/** Largest activation per feature over the texts traced so far, by layer. */
export type Seen = Readonly<Record<number, Float32Array>>;

export function unitOf(site: SiteInfo | undefined, feature: number, seen: Seen): Unit {
  const maximum = site && featureMaximum(site, seen[site.layer], feature);
  return maximum ? { value: maximum.value, source: maximum.from } : { value: 1, source: 'none' };
}

/** `seen` after one more trace. */
export function see(seen: Seen, site: SiteInfo, codes: SiteCodes): Seen {
  const next = seen[site.layer]?.slice() ?? new Float32Array(site.width);
  noteMaxima(next, codes, site.normMedian);
  return { ...seen, [site.layer]: next };
}
