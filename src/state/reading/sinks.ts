import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { sinksOf } from '../../lens/maths/sinks';
import type { Chip } from './chips';

/** Positions that are sinks at a site, position 0 among them. */
export type Sinks = ReadonlySet<number>;

/** Whether one of a chip's tokens is a sink. */
export function holdsSink({ from, to }: Pick<Chip, 'from' | 'to'>, sinks: Sinks): boolean {
  for (let t = from; t <= to; t++) if (sinks.has(t)) return true;
  return false;
}

/** Sinks by layer. */
export const sinksBySite = (
  codes: Readonly<Record<number, SiteCodes>>,
  sites: readonly Pick<SiteInfo, 'layer' | 'normMedian'>[],
): Record<number, Sinks> =>
  Object.fromEntries(
    Object.values(codes).map((of) => [
      of.layer,
      sinksOf(of, sites.find(({ layer }) => layer === of.layer)?.normMedian ?? null),
    ]),
  );

/** The sinks of a text at a site; where the site was not read, position 0, unless it is all there is. */
export const sinksAt = (
  { sinks, count }: { sinks: Readonly<Record<number, Sinks>>; count: number },
  layer: number | null,
): Sinks => (layer === null ? undefined : sinks[layer]) ?? (count > 1 ? FIRST : NONE);

const FIRST: Sinks = new Set([0]);
const NONE: Sinks = new Set();
