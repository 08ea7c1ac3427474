import type { LensInfo } from '../../lens/api/lens';
import { modelAddress, modelName } from '../../lens/exchange/model-name';
import { siteOf } from '../reading/select';

/** Names a feature of a dictionary. An id means nothing without the dictionary's bytes, so the hash is part of the
 *  name; null: not known. */
export interface FeatureKey {
  /** The model's name, or its address: see `calledBy`. */
  model: string;
  layer: number;
  feature: number;
  sha256: string | null;
}

/** The notebook's name for a model: its name if all the hashes that count are known; else its whole address, since only
 *  a hash tells two models of one name apart. */
export const calledBy = (info: LensInfo, hashes: readonly (string | null)[]): string =>
  hashes.includes(null) ? modelAddress(info.model) : modelName(info.model);

export const hashAt = (info: LensInfo, layer: number): string | null => siteOf(info, layer)?.sha256 ?? null;

export function featureKey(info: LensInfo, layer: number, feature: number): FeatureKey {
  const sha256 = hashAt(info, layer);
  return { model: calledBy(info, [sha256]), layer, feature, sha256 };
}

/** One text per feature of one dictionary. Layer, id and hash stand at its end, so no model's name can make two
 *  features one. */
export const keyOf = ({ model, layer, feature, sha256 }: FeatureKey): string =>
  `${model} ${layer}:${feature} ${sha256 ?? '-'}`;

/** Whether the entry belongs to an open dictionary. The hashes must be equal; a known and an unknown hash do not
 *  match. */
export const isOpen = (info: LensInfo | null, entry: FeatureKey): boolean =>
  info !== null &&
  siteOf(info, entry.layer) !== undefined &&
  keyOf(featureKey(info, entry.layer, entry.feature)) === keyOf(entry);
