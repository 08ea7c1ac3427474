import type { SiteCodes } from '../../lens/api/site';
import { activeAt } from '../reading/rank';

export interface NamedFeature {
  id: number;
  /** Latent in the token's own code and in that of the words' vector; 0 where it is not among the k. */
  own: number;
  said: number;
}

/** Features of a token against those of what its words say. */
interface NamedFeatures {
  /** In both codes. */
  named: NamedFeature[];
  /** Said, but not active at the token. */
  onlySaid: NamedFeature[];
  /** Active at the token, but not said. */
  leftOut: NamedFeature[];
}

/** `codes` holds one row, that of the words' vector. Each list strongest first, by share of the feature's maximum where
 *  that is known. */
export function namedFeatures(
  token: SiteCodes,
  position: number,
  codes: SiteCodes,
  {
    maximumOf,
    hidden = () => false,
  }: { maximumOf: (feature: number) => number | null; hidden?: (feature: number) => boolean },
): NamedFeatures {
  const own = new Map(activeAt(token, position));
  const said = new Map(activeAt(codes, 0));
  const all = [...new Set([...own.keys(), ...said.keys()])]
    .filter((id) => !hidden(id))
    .map((id): NamedFeature => ({ id, own: own.get(id) ?? 0, said: said.get(id) ?? 0 }));
  const strength = ({ id, own: here, said: there }: NamedFeature) => {
    const maximum = maximumOf(id);
    return maximum ? Math.max(here, there) / maximum : -1;
  };
  all.sort((a, b) => strength(b) - strength(a) || Math.max(b.own, b.said) - Math.max(a.own, a.said) || a.id - b.id);
  return {
    named: all.filter((f) => f.own > 0 && f.said > 0),
    onlySaid: all.filter((f) => f.own === 0),
    leftOut: all.filter((f) => f.said === 0),
  };
}
