import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SiteLabels } from '../lens/types';
import type { Engine } from './engine';

export interface Labels {
  /** Labels by layer, of the sites that were asked for and have some. */
  store: StoreApi<{ sites: Readonly<Record<number, SiteLabels>> }>;
  /** Asks for a site's labels unless they are here or on their way; nothing where it has no feature data. Never rejects: what names features may be
   *  missing, and where it cannot be read the feature's own facts say why. */
  need(layer: number): Promise<void>;
  /** Forgets all: another model. */
  clear(): void;
}

export function createLabels(engine: Engine): Labels {
  const store = createStore<{ sites: Readonly<Record<number, SiteLabels>> }>(() => ({ sites: {} }));
  let asked = new Set<number>();
  return {
    store,
    need: async (layer) => {
      const { lens, info } = engine.store.getState();
      const has = info?.sites.some((site) => site.layer === layer && site.features);
      if (!lens || !has || asked.has(layer)) return;
      const mine = asked;
      mine.add(layer);
      try {
        const labels = await engine.track(lens.labels(layer));
        if (labels && mine === asked) store.setState(({ sites }) => ({ sites: { ...sites, [layer]: labels } }));
      } catch {
        mine.delete(layer);
      }
    },
    clear: () => {
      asked = new Set();
      store.setState({ sites: {} });
    },
  };
}

export const labelOf = (sites: Readonly<Record<number, SiteLabels>>, layer: number, feature: number): string | null => sites[layer]?.labels[feature] ?? null;
