import type { Edit } from '../api/edit';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import type { SiteInfo } from '../api/site';

/** An `add` edit of weight x the maximum that the dictionary states of the feature. What this machine has seen of it is
 *  no unit: the same call would be another edit elsewhere. */
export function steer(sites: SiteInfo[], options: { layer: number; feature: number; weight: number }): Edit {
  const { layer, feature, weight } = options;
  const site = sites.find((s) => s.layer === layer);
  if (!site) throw new SiteUnavailableError(`There is no dictionary at layer ${layer}.`, { layer });
  if (!Number.isInteger(feature) || feature < 0 || feature >= site.width)
    throw new InvalidEditError(`Features at layer ${layer} are 0 to ${site.width - 1}.`);
  const maximum = site.maximum?.[feature];
  if (!maximum)
    throw new InvalidEditError(
      `No maximum of feature ${layer}:${feature} is stored. Give the strength itself: { layer: ${layer}, feature: ${feature}, mode: 'add', strength }.`,
    );
  return { layer, feature, mode: 'add', strength: weight * maximum };
}
