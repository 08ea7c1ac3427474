import type { LensInfo, SiteCodes, SiteInfo } from '../lens/types';
import { type Chip, chipAt } from './chips';
import { type Seen, unitOf } from './maximum';
import { activationsOf, peak, positionsOf, type Ranking, rankFeatures } from './rank';
import type { Reading } from './trace';
import type { ViewState } from './view';

export const LISTED = 12;

export const siteOf = (info: LensInfo | null, layer: number | null): SiteInfo | undefined => info?.sites.find((site) => site.layer === layer);

/** The locked chip, or null. */
export const lockedChip = (reading: Reading | null, view: Pick<ViewState, 'locked'>): Chip | null => (reading ? chipAt(reading.chips, view.locked) : null);

/** The features listed: of the locked token, or of the whole text. */
export function rankingOf(reading: Reading, site: SiteInfo, seen: Seen, view: Pick<ViewState, 'locked' | 'rank' | 'first'>): Ranking {
  const codes = reading.sites[site.layer];
  if (!codes) return { rows: [], active: 0 };
  return rankFeatures(codes, {
    positions: positionsOf(reading.count, lockedChip(reading, view), view.first),
    maximumOf: (id) => {
      const unit = unitOf(site, id, seen);
      return unit.source === 'none' ? null : unit.value;
    },
    by: view.rank,
    top: LISTED,
  });
}

/** Numbers per token for the colour of the chips, and what the scale's end is. */
export interface Scale {
  values: ArrayLike<number>;
  end: number;
  /** The end in words, with its unit. */
  says: string;
}

const figure = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function scaleOf(
  reading: Reading,
  codes: SiteCodes,
  site: SiteInfo,
  vocabulary: number,
  seen: Seen,
  view: Pick<ViewState, 'colour' | 'scale' | 'first'>,
  feature: number | null,
): Scale {
  const positions = positionsOf(reading.count, null, view.first);
  const here = (values: ArrayLike<number>) => peak(values, positions);
  if (view.colour === 'fvu') {
    const end = view.scale === 'prompt' ? here(codes.fvu) : 1;
    return { values: codes.fvu, end, says: view.scale === 'prompt' ? `0 to ${figure(end)}, this prompt's largest FVU` : '0 to 1, FVU; 1 = nothing explained' };
  }
  if (view.colour === 'surprisal') {
    const end = view.scale === 'prompt' ? here(reading.surprisal) : Math.log(vocabulary);
    return { values: reading.surprisal, end, says: `0 to ${figure(end)} nats, ${view.scale === 'prompt' ? "this prompt's largest" : 'a uniform guess'}` };
  }
  if (feature === null) return { values: new Float32Array(reading.count), end: 0, says: 'no feature chosen' };
  const values = activationsOf(codes, feature);
  const unit = unitOf(site, feature, seen);
  const own = view.scale === 'maximum' && unit.source !== 'none';
  const end = own ? unit.value : here(values);
  const origin = own ? (unit.source === 'statistics' ? 'the feature’s maximum' : 'the largest seen so far') : 'this prompt’s largest';
  return { values, end, says: `0 to ${figure(end)}, ${origin}` };
}
