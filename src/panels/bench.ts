import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { StoreApi } from 'zustand/vanilla';
import type { SiteCodes, SiteInfo } from '../lens/api/site';
import type { Workbench } from '../state/page/workbench';
import { type RankView, siteOf } from '../state/reading/select';
import type { Reading } from '../state/reading/trace';
import { MOST_ROWS } from '../state/steering/edits';

/** Milliseconds that a key must rest before what it set is run: held down, it sets a value at each repeat. */
export const KEY_REST = 350;

export const BenchContext = createContext<Workbench | null>(null);

/** The page's workbench. */
export function useBench(): Workbench {
  const bench = useContext(BenchContext);
  if (!bench) throw new Error('This part of the page stands outside of BenchContext.');
  return bench;
}

/** One store's part, through a hook: renders again only when the part changes. */
export function usePart<S, P>(store: StoreApi<S>, part: (state: S) => P): P {
  return useStore(store, part);
}

export const useView = <P>(part: (state: ReturnType<Workbench['view']['store']['getState']>) => P): P =>
  useStore(useBench().view.store, part);

/** The site on show with its codes, once there are a model and a reading. */
export function useReading(): { reading: Reading; site: SiteInfo; codes: SiteCodes } | null {
  const bench = useBench();
  const reading = useStore(bench.tracer.store, (s) => s.reading);
  const info = useStore(bench.engine.store, (s) => s.info);
  const layer = useStore(bench.view.store, (s) => s.site);
  const site = siteOf(info, layer);
  const codes = site && reading?.sites[site.layer];
  return reading && site && codes ? { reading, site, codes } : null;
}

/** Whether what the page shows belongs to a text that is no longer in the box. Every region that shows a reading dims
 *  by it. */
export function useStale(): boolean {
  return useStore(useBench().tracer.store, (s) => s.reading !== null && s.reading.text !== s.text);
}

/** Whether the list of edits is full: Steer would do nothing. */
export function useFull(): boolean {
  return useStore(useBench().steering.store, (s) => s.rows.length >= MOST_ROWS);
}

/** What of the view decides which features are listed. */
export function useRankView(): RankView {
  return useStore(
    useBench().view.store,
    useShallow(({ locked, anchor, rank, over, first, dense }) => ({ locked, anchor, rank, over, first, dense })),
  );
}

/** The chosen feature or the strongest listed. */
export function useShownFeature(): number | null {
  const bench = useBench();
  useStore(bench.tracer.store, (s) => s.reading);
  useStore(bench.engine.store, (s) => s.info);
  useStore(bench.view.store, (s) => `${s.feature} ${s.site}`);
  useRankView();
  return bench.shownFeature();
}
