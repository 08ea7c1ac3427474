import { count, listed } from '../../lens/maths/figures';
import { isEmpty } from '../../state/search/query';
import type { Found, SearchSite } from '../../state/search/search';

const layersOf = (sites: readonly SearchSite[]) => sites.map(({ site }) => site.layer);
const at = (layers: readonly number[]) => `${layers.length === 1 ? 'layer' : 'layers'} ${listed(layers)}`;

/** What can be searched. */
export function scopeSays(sites: readonly SearchSite[]): string {
  const features = sites.reduce((sum, { site }) => sum + site.width, 0);
  const named = sites.some(({ labels }) => labels);
  return `${count(features)} features at ${at(layersOf(sites))}: ${named ? 'labels, promoted tokens, ids' : 'ids'}.`;
}

/** Dictionaries that nothing is told about. */
export const bareSays = (layers: readonly number[]): string =>
  `${layers.length === 1 ? 'dictionary' : 'dictionaries'} of ${at(layers)}`;

/** How many were found, or why none. */
export function foundSays(found: Found, sites: readonly SearchSite[], here: number | null): string {
  const { query, hits, total } = found;
  if (isEmpty(query))
    return total ? `Features with a measured effect, then labels of layer ${here} by F1 on held-out text` : '';
  if (total > hits.length) return `${count(hits.length)} of ${count(total)}`;
  if (total > 0) return `${count(total)} found`;
  const wanted = query.layer === null ? undefined : sites.find(({ site }) => site.layer === query.layer);
  if (query.layer !== null && !wanted)
    return `Layer ${query.layer} has no dictionary: features are at ${at(layersOf(sites))}.`;
  if (query.id !== null && query.terms.length === 0) {
    if (wanted) return `Features of layer ${query.layer} are 0 to ${count(wanted.site.width - 1)}.`;
    return `No layer has a feature ${query.id}: the widest ends at ${count(Math.max(...sites.map(({ site }) => site.width)) - 1)}.`;
  }
  if (found.hidden > 0) return 'Only dense features, which are hidden.';
  return 'No feature: no label has these words, no promoted token begins so, and it is no id.';
}

/** 1st, 2nd, 3rd, 4th … 11th. */
export function ordinal(n: number): string {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}
