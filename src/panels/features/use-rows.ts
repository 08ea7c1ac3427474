import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { SiteInfo } from '../../lens/api/site';
import type { RankedFeature, Ranking } from '../../state/reading/rank';
import { keptRows, LISTED } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { usePinnedIds } from '../notebook/use-notes';
import { useBench, useRankView } from '../use-workbench';

export interface Rows {
  rows: readonly RankedFeature[];
  /** How many of them come first because they are pinned, active or not. */
  pinned: number;
}

/** The rows of the list: pinned features, then the strongest others. As many as without pins, so that nothing below the
 *  list moves with a text or a lock. */
export function useRows(reading: Reading, site: SiteInfo, ranking: Ranking): Rows {
  const bench = useBench();
  const seen = useStore(bench.tracer.store, (s) => s.seen);
  const view = useRankView();
  const ids = usePinnedIds(site.layer);
  return useMemo(() => {
    if (!ids.length) return { rows: ranking.rows, pinned: 0 };
    const pinned = keptRows(reading, site, seen, view, ids.slice(0, LISTED));
    const others = ranking.rows.filter(({ id }) => !ids.includes(id));
    return { rows: [...pinned, ...others].slice(0, LISTED), pinned: pinned.length };
  }, [reading, site, seen, view, ranking, ids]);
}
