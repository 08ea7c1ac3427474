import type { SiteCodes, SiteInfo } from '../lens/types';

/** What 1 x means for a feature, and where that comes from: the dictionary's statistics, the largest activation seen in this tab, or nothing (then 1). */
export interface Unit {
  value: number;
  source: 'statistics' | 'seen' | 'none';
}

/** Largest activation per feature over the texts traced so far, by layer. */
export type Seen = Readonly<Record<number, Float32Array>>;

export function unitOf(site: SiteInfo | undefined, feature: number, seen: Seen): Unit {
  const stored = site?.maximum?.[feature] ?? 0;
  if (stored > 0) return { value: stored, source: 'statistics' };
  const here = site ? (seen[site.layer]?.[feature] ?? 0) : 0;
  return here > 0 ? { value: here, source: 'seen' } : { value: 1, source: 'none' };
}

/** `seen` after one more trace. Position 0, an attention sink, does not count. */
export function see(seen: Seen, site: SiteInfo, codes: SiteCodes): Seen {
  const next = seen[site.layer]?.slice() ?? new Float32Array(site.width);
  for (let slot = codes.k; slot < codes.ids.length; slot++) {
    const id = codes.ids[slot]!;
    if (id < next.length && codes.values[slot]! > next[id]!) next[id] = codes.values[slot]!;
  }
  return { ...seen, [site.layer]: next };
}
