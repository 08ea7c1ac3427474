import type { Edit } from '../api/edit';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import type { SiteInfo } from '../api/site';
import { featureMaximum } from './maximum';

/** An `add` edit of weight x the feature's maximum. */
export function steer(
  sites: SiteInfo[],
  seen: (layer: number) => Float32Array | undefined,
  options: { layer: number; feature: number; weight: number },
): Edit {
  const { layer, feature, weight } = options;
  const site = sites.find((s) => s.layer === layer);
  if (!site) throw new SiteUnavailableError(`There is no dictionary at layer ${layer}.`, { layer });
  if (!Number.isInteger(feature) || feature < 0 || feature >= site.width)
    throw new InvalidEditError(`Features at layer ${layer} are 0 to ${site.width - 1}.`);
  const maximum = featureMaximum(site, seen(layer), feature);
  if (!maximum)
    throw new InvalidEditError(
      `Feature ${layer}:${feature} has no known maximum yet. Trace a text on which it is active, or give a strength.`,
    );
  return { layer, feature, mode: 'add', strength: weight * maximum.value };
}
