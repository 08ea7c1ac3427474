import { InvalidEditError } from '../api/errors';
import type { FeatureInfo, RelatedFeature, SiteLabels, Snippet } from '../api/feature';
import type { SiteInfo } from '../api/site';
import type { Site } from '../dictionary/site';
import type { Listed } from '../folders/feature-data';
import type { Tokenizer } from './tokenizer';

/** The facts about a feature that the feature data hold. */
type StoredFacts = Pick<FeatureInfo, 'label' | 'density' | 'histogram' | 'similar' | 'nearest'>;

/** The part of a site that concerns its feature data. */
export type Told = Pick<Site, 'layer' | 'info' | 'features'>;

/** Throws InvalidEditError unless the site has a feature `id`. */
export function checkFeature({ layer, width }: SiteInfo, id: number): void {
  if (!Number.isInteger(id) || id < 0 || id >= width)
    throw new InvalidEditError(`Features at layer ${layer} are 0 to ${width - 1}.`);
}

/** The facts about a feature in the data beside its dictionary. Without such data, only its density in the statistics.
 *  `sites`: all open sites. */
export async function storedFacts(
  { layer, info, features }: Told,
  id: number,
  sites: readonly Told[],
): Promise<StoredFacts> {
  if (!features)
    return {
      label: null,
      density: { written: null, heldOut: info.density?.[id] ?? null },
      histogram: null,
      similar: [],
      nearest: [],
    };
  const columns = await features.columns();
  const { labels, precision, recall, written, heldOut, maximum, histogram } = columns;
  const bins = histogram.length / info.width;
  const label = labels[id] ?? null;
  const similar = related(columns.similar, id, () => layer);
  const nearest = related(columns.nearest, id, (i) => columns.nearestLayers[i]!);
  return {
    label: label === null ? null : { text: label, precision: precision[id]!, recall: recall[id]! },
    density: { written: written[id]!, heldOut: heldOut[id]! },
    histogram: maximum[id]! > 0 ? { counts: histogram.slice(id * bins, (id + 1) * bins), maximum: maximum[id]! } : null,
    similar: similar.map((other) => ({ ...other, label: labels[other.id] ?? null })),
    nearest: (await Promise.all(nearest.map((other) => named(other, sites)))).filter((other) => other !== null),
  };
}

/** All labels of a site, and the tokens its features promote; null where it has no feature data. */
export async function siteLabels(
  { layer, features }: Told,
  tokenizer: Pick<Tokenizer, 'text'>,
): Promise<SiteLabels | null> {
  if (!features) return null;
  const { labels, precision, recall, written, heldOut, promoted } = await features.columns();
  const ids = Uint32Array.from(promoted.ids);
  const tokens = Object.fromEntries(Array.from(new Set(ids), (id) => [id, tokenizer.text(id)]));
  return {
    layer,
    labels,
    precision,
    recall,
    density: { written, heldOut },
    promoted: { per: promoted.per, ids, tokens },
  };
}

/** The texts in which a feature fires, strongest firings first. Tokens have the same form as a trace's. */
export async function snippetsOf(
  { info, features }: Told,
  id: number,
  tokenizer: Pick<Tokenizer, 'tokens'>,
): Promise<Snippet[]> {
  checkFeature(info, id);
  const stored = (await features?.snippets(id)) ?? [];
  const snippets = stored.map(({ source, band, peak, ids, values }): Snippet => {
    return { source, band, peak, tokens: tokenizer.tokens(ids).map((token, i) => ({ ...token, value: values[i]! })) };
  });
  const height = ({ tokens, peak }: Snippet) => tokens[peak]!.value;
  return snippets.sort((a, b) => a.band - b.band || height(b) - height(a));
}

function related(
  { per, ids, values }: Listed,
  feature: number,
  layerOf: (i: number) => number,
): Omit<RelatedFeature, 'label'>[] {
  return Array.from({ length: per }, (_, i) => ({
    layer: layerOf(i),
    id: ids[feature * per + i]!,
    cosine: values[feature * per + i]!,
  }));
}

/** Adds the feature's label; null if its site is not open. */
async function named(other: Omit<RelatedFeature, 'label'>, sites: readonly Told[]): Promise<RelatedFeature | null> {
  const site = sites.find(({ layer }) => layer === other.layer);
  if (!site) return null;
  // We need only a label from the other site. If its data cannot be read, a look at its own features will say so.
  const columns = await site.features?.columns().catch(() => null);
  return { ...other, label: columns?.labels[other.id] ?? null };
}
