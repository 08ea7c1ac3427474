import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { type FeatureKey, featureKey, isOpen, keyOf } from '../../state/features/feature-key';
import { labelOf } from '../../state/features/labels';
import type { Entry } from '../../state/notebook/record';
import type { Workbench } from '../../state/page/workbench';
import { useBench } from '../use-workbench';

/** A feature of the open dictionary under the notebook's name for it. */
export function useFeatureKey(layer: number, id: number): FeatureKey | null {
  const info = useStore(useBench().engine.store, (s) => s.info);
  return info && featureKey(info, layer, id);
}

/** What the notebook has on a feature of the open dictionary. */
export function useEntry(layer: number, id: number): Entry | null {
  const key = useFeatureKey(layer, id);
  return useStore(useBench().notebook.store, (s) => (key && s.entries.get(keyOf(key))) ?? null);
}

/** The reader's own name of a feature; null where there is none. */
export function useOwnName(layer: number, id: number): string | null {
  const key = useFeatureKey(layer, id);
  return useStore(useBench().notebook.store, (s) => (key && s.entries.get(keyOf(key))?.name) ?? null);
}

/** What a feature is called: by the reader, else by its label. */
export function useName(layer: number, id: number): string | null {
  const bench = useBench();
  const label = useStore(bench.labels.store, (s) => labelOf(s.sites, layer, id));
  return useOwnName(layer, id) ?? label;
}

/** The same, asked once. */
export function nameOf(bench: Workbench, layer: number, id: number): string | null {
  const { info } = bench.engine.store.getState();
  const own = info && bench.notebook.store.getState().entries.get(keyOf(featureKey(info, layer, id)))?.name;
  return own ?? labelOf(bench.labels.store.getState().sites, layer, id);
}

const byPin = (a: Entry, b: Entry): number => ((a.pinned ?? '') < (b.pinned ?? '') ? -1 : 1);

/** The pinned features of the open dictionaries, in the order in which they were pinned. Notes typed elsewhere do not
 *  make it another list. */
export function usePinned(): Entry[] {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  return useStore(
    bench.notebook.store,
    useShallow(({ entries }) =>
      [...entries.values()].filter((entry) => entry.pinned !== null && isOpen(info, entry)).sort(byPin),
    ),
  );
}

/** The ids of a layer's pinned features, in the same order; the same array while a note or name of them is typed. */
export function usePinnedIds(layer: number): number[] {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  return useStore(
    bench.notebook.store,
    useShallow(({ entries }) =>
      [...entries.values()]
        .filter((entry) => entry.pinned !== null && entry.layer === layer && isOpen(info, entry))
        .sort(byPin)
        .map(({ feature }) => feature),
    ),
  );
}
