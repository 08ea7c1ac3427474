import type { LensInfo } from '../../lens/api/lens';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { figure } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import type { ViewState } from '../base/view';
import { type Chip, chipAt } from './chips';
import { type Seen, unitOf } from './maximum';
import { peak, positionsOf, type Ranking, rankFeatures, type Span } from './rank';
import type { Reading } from './trace';

export const LISTED = 12;

/** The parts of the view that decide which features are listed. */
export type RankView = Pick<ViewState, 'locked' | 'anchor' | 'rank' | 'over' | 'first' | 'dense'>;

export const siteOf = (info: LensInfo | null, layer: number | null): SiteInfo | undefined =>
  info?.sites.find((site) => site.layer === layer);

/** The locked chip, or null. */
export const lockedChip = (reading: Reading | null, view: Pick<ViewState, 'locked'>): Chip | null =>
  reading ? chipAt(reading.chips, view.locked) : null;

/** The selected tokens, first and last position: the locked chip, or from its chip to the anchor's; null where none is
 *  locked. */
export function selectionOf(reading: Reading | null, view: Pick<ViewState, 'locked' | 'anchor'>): Span | null {
  const locked = lockedChip(reading, view);
  if (!reading || !locked) return null;
  const anchor = chipAt(reading.chips, view.anchor) ?? locked;
  return { from: Math.min(locked.from, anchor.from), to: Math.max(locked.to, anchor.to) };
}

/** The share of tokens from which on a feature counts as dense: it says little about any one of them. */
export const denseFrom = ({ width, k }: Pick<SiteInfo, 'width' | 'k'>): number => Math.max(0.1, (10 * k) / width);

export const isDense = (site: SiteInfo, feature: number): boolean => (site.density?.[feature] ?? 0) > denseFrom(site);

/** The features listed: of the selected tokens, or of the whole text. */
export function rankingOf(reading: Reading, site: SiteInfo, seen: Seen, view: RankView): Ranking {
  const codes = reading.sites[site.layer];
  if (!codes) return { rows: [], active: 0, dense: 0 };
  return rankFeatures(codes, {
    positions: positionsOf(reading.count, selectionOf(reading, view), view.first),
    hidden: view.dense ? () => false : (id) => isDense(site, id),
    over: view.over,
    maximumOf: (id) => {
      const unit = unitOf(site, id, seen);
      return unit.source === 'none' ? null : unit.value;
    },
    by: view.rank,
    top: LISTED,
  });
}

/** `rankingOf` that remembers its last answer: the list, the card and the colours all ask for the same one. */
export function createRanking(): typeof rankingOf {
  let last: { key: readonly unknown[]; ranking: Ranking } | null = null;
  return (reading, site, seen, view) => {
    const key = [reading, site, seen, view.locked, view.anchor, view.rank, view.over, view.first, view.dense];
    if (!last?.key.every((part, i) => part === key[i])) last = { key, ranking: rankingOf(reading, site, seen, view) };
    return last!.ranking;
  };
}

/** Numbers per token for the colour of the chips, and what the scale's end is. */
export interface Scale {
  values: ArrayLike<number>;
  end: number;
  /** The end in words, with its unit. */
  says: string;
}

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
    return {
      values: codes.fvu,
      end,
      says:
        view.scale === 'prompt'
          ? `0 to ${figure(end)}, this prompt's largest FVU`
          : '0 to 1, FVU; 1 = nothing explained',
    };
  }
  if (view.colour === 'surprisal') {
    const end = view.scale === 'prompt' ? here(reading.surprisal) : Math.log(vocabulary);
    return {
      values: reading.surprisal,
      end,
      says: `0 to ${figure(end)} nats, ${view.scale === 'prompt' ? "this prompt's largest" : 'a uniform guess'}`,
    };
  }
  if (feature === null) return { values: new Float32Array(reading.count), end: 0, says: 'no feature chosen' };
  const values = latentOf(codes, feature);
  const unit = unitOf(site, feature, seen);
  const own = view.scale === 'maximum' && unit.source !== 'none';
  const end = own ? unit.value : here(values);
  const origin = own
    ? unit.source === 'statistics'
      ? 'the feature’s maximum'
      : 'the largest seen so far'
    : 'this prompt’s largest';
  return { values, end, says: `0 to ${figure(end)}, ${origin}` };
}
