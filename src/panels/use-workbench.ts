import {
  createContext,
  useCallback,
  useContext,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { isAnswered } from '../state/chat/turns';
import {
  type Found,
  type PageState,
  selectBare,
  selectFound,
  selectShownFeature,
  selectUnit,
} from '../state/page/selectors';
import type { Workbench } from '../state/page/workbench';
import type { Unit } from '../state/reading/maximum';
import { promptOf, samePrompt } from '../state/reading/prompt';
import type { RankView } from '../state/reading/select';
import type { Reading } from '../state/reading/trace';
import { MOST_ROWS } from '../state/steering/edits';

/** Milliseconds that a key must rest before its value is run: a key held down sets a value at each repeat. */
export const KEY_REST = 350;

export const BenchContext = createContext<Workbench | null>(null);

/** The page's workbench. */
export function useBench(): Workbench {
  const bench = useContext(BenchContext);
  if (!bench) throw new Error('This part of the page stands outside of BenchContext.');
  return bench;
}

export const useView = <P>(part: (state: ReturnType<Workbench['view']['store']['getState']>) => P): P =>
  useStore(useBench().view.store, part);

/** The value of a selector of several stores; renders again only when it changes. React hears of no other change: it
 *  records what it has drawn after the effects of inner parts, and until then would draw again at any call. */
export function usePage<P>(select: (page: PageState) => P): P {
  const { page } = useBench();
  const value = useSyncExternalStore(
    useCallback(
      (changed: () => void) => page.subscribe(() => Object.is(latest(page.getState()), drawn.current) || changed()),
      [page],
    ),
    () => select(page.getState()),
  );
  const latest = useEffectEvent(select);
  const drawn = useRef(value);
  useLayoutEffect(() => {
    drawn.current = value;
  });
  return value;
}

/** The site on show with its codes, once there are a model and a reading. */
export const useReading = (): Found | null => usePage(useShallow(selectFound));

/** The reading of a model without a dictionary. */
export const useBare = (): Reading | null => usePage(selectBare);

/** Whether the page shows a reading of a text that is no longer in the box. Every region that shows a reading then
 *  dims. */
export function useStale(): boolean {
  return useStore(useBench().tracer.store, (s) => s.reading !== null && !samePrompt(s.reading.prompt, promptOf(s)));
}

/** Whether the conversation ends with a whole turn of the assistant's, behind which nothing is generated. */
export function useAnswered(): boolean {
  return useStore(useBench().tracer.store, (s) => s.chat !== null && isAnswered(s.chat));
}

/** Whether the list of edits is full: Steer would do nothing. */
export function useFull(): boolean {
  return useStore(useBench().steering.store, (s) => s.rows.length >= MOST_ROWS);
}

/** What of the view decides which features are listed. */
export function useRankView(): RankView {
  return useStore(
    useBench().view.store,
    useShallow(({ locked, anchor, scope, rank, over, first, template, dense }) => ({
      locked,
      anchor,
      scope,
      rank,
      over,
      first,
      template,
      dense,
    })),
  );
}

/** What 1 x means for a feature. */
export const useUnit = (layer: number, feature: number): Unit =>
  usePage(useShallow((page) => selectUnit(page, layer, feature)));

/** The chosen feature or the strongest listed. */
export const useShownFeature = (): number | null => usePage(selectShownFeature);
