import type { LensInfo } from '../../lens/api/lens';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { figure } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import type { ViewState } from '../base/view';
import { type Seen, unitOf } from './maximum';
import { allPositions, type Counted, positionsOf } from './positions';
import { peak, type RankedFeature, type Ranking, rankFeatures } from './rank';
import { sinksAt } from './sinks';
import type { Reading } from './trace';

export const LISTED = 12;

/** The parts of the view that decide which features are listed. */
export type RankView = Pick<
  ViewState,
  'locked' | 'anchor' | 'scope' | 'rank' | 'over' | 'first' | 'template' | 'dense'
>;

export const siteOf = (info: LensInfo | null, layer: number | null): SiteInfo | undefined =>
  info?.sites.find((site) => site.layer === layer);

/** The share of tokens from which on a feature counts as dense: it says little about any one of them. That is 10 %, or
 *  ten times the mean share of all features where that is known to be more, at most a half: a feature of a narrow
 *  dictionary that is active on most tokens says as little. */
export const denseFrom = ({ width, k, activation, about }: Pick<SiteInfo, 'width' | 'k' | 'activation' | 'about'>) =>
  Math.min(0.5, Math.max(0.1, (10 * (activation === 'topk' ? k : (about.l0 ?? 0))) / width));

export const isDense = (site: SiteInfo, feature: number): boolean => (site.density?.[feature] ?? 0) > denseFrom(site);

/** The features listed: of the selected tokens, of those in scope, or of the whole text. */
export function rankingOf(reading: Reading, site: SiteInfo, seen: Seen, view: RankView): Ranking {
  const codes = reading.sites[site.layer];
  if (!codes) return { rows: [], active: 0, dense: 0 };
  return rankFeatures(codes, {
    ...rankedBy(reading, site, seen, view),
    hidden: view.dense ? () => false : (id) => isDense(site, id),
    top: LISTED,
  });
}

/** Over which positions features are ranked, and by what. */
const rankedBy = (reading: Reading, site: SiteInfo, seen: Seen, view: RankView) => ({
  positions: positionsOf(reading, { ...view, sinks: sinksAt(reading, site.layer) }),
  over: view.over,
  maximumOf: (id: number): number | null => {
    const unit = unitOf(site, id, seen);
    return unit.source === 'none' ? null : unit.value;
  },
  by: view.rank,
});

/** Features that the reader keeps in sight, in the given order and active or not, over the same positions. */
export function keptRows(
  reading: Reading,
  site: SiteInfo,
  seen: Seen,
  view: RankView,
  ids: readonly number[],
): RankedFeature[] {
  const codes = reading.sites[site.layer];
  if (!codes || !ids.length) return [];
  const { rows } = rankFeatures(codes, {
    ...rankedBy(reading, site, seen, view),
    hidden: (id) => !ids.includes(id),
    top: ids.length,
  });
  return ids.map(
    (id) => rows.find((row) => row.id === id) ?? { id, value: 0, position: 0, mean: 0, count: 0, relative: 0 },
  );
}

/** `rankingOf` that remembers its last answer: the list, the card and the colours all ask for the same one. */
export function createRanking(): typeof rankingOf {
  let last: { key: readonly unknown[]; ranking: Ranking } | null = null;
  return (reading, site, seen, view) => {
    const { locked, anchor, scope, rank, over, first, template, dense } = view;
    const key = [reading, site, seen, locked, anchor, scope, rank, over, first, template, dense];
    if (!last?.key.every((part, i) => part === key[i])) last = { key, ranking: rankingOf(reading, site, seen, view) };
    return last!.ranking;
  };
}

/** Numbers per token for the colour of the chips, and the end of their scale, which begins at 0. */
export interface Scale {
  values: ArrayLike<number>;
  end: number;
  /** The end with its unit; empty where there is no scale. */
  most: string;
  /** What the end is. */
  means: string;
}

/** `own`: the end that texts compare by, and what it is; null where there is none. */
function scaled(
  reading: Reading,
  values: ArrayLike<number>,
  own: { end: number; means: string } | null,
  view: Pick<ViewState, 'scale'> & Counted,
  unit = '',
): Scale {
  const { end, means } = (view.scale === 'prompt' ? null : own) ?? {
    end: peak(values, allPositions(reading, view)),
    means: 'this text’s largest',
  };
  return { values, end, most: `${Number.isInteger(end) ? end : figure(end)}${unit}`, means };
}

/** The colours of a text that needs no dictionary. */
export function surprisalScale(reading: Reading, vocabulary: number, view: Pick<ViewState, 'scale'> & Counted): Scale {
  return scaled(reading, reading.surprisal, { end: Math.log(vocabulary), means: 'a uniform guess' }, view, ' nats');
}

export function scaleOf(
  reading: Reading,
  codes: SiteCodes,
  site: SiteInfo,
  vocabulary: number,
  seen: Seen,
  view: Pick<ViewState, 'colour' | 'scale'> & Counted,
  feature: number | null,
): Scale {
  if (view.colour === 'fvu') return scaled(reading, codes.fvu, { end: 1, means: 'nothing explained' }, view);
  if (view.colour === 'surprisal') return surprisalScale(reading, vocabulary, view);
  if (feature === null) {
    return { values: new Float32Array(reading.count), end: 0, most: '', means: 'no feature chosen' };
  }
  const { value: end, source } = unitOf(site, feature, seen);
  const means = source === 'statistics' ? 'the feature’s maximum' : 'the largest seen so far';
  return scaled(reading, latentOf(codes, feature), source === 'none' ? null : { end, means }, view);
}
