import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { SiteLabels } from '../../lens/api/feature';
import { regionError } from '../base/region-error';
import type { ModelSession } from '../model/session';

interface LabelsState {
  /** Labels by layer, of the sites that were asked for and have some. */
  sites: Readonly<Record<number, SiteLabels>>;
  /** Why a site's could not be read. */
  failed: Readonly<Record<number, ErrorData>>;
}

export interface Labels {
  store: StoreApi<LabelsState>;
  /** Asks for a site's labels unless they are here or on their way, or the site has no feature data. Never rejects,
   *  since labels may be missing. Labels that could not be read are asked for again the next time. */
  need(layer: number): Promise<void>;
  /** Shows labels that were recorded elsewhere, until the site's own are here, or imported for a site that has none. */
  show(layer: number, width: number, labels: readonly [id: number, label: string][]): void;
  /** Takes a site's labels away. */
  forget(layer: number): void;
  /** The same model was opened anew: what is here stays until it is read again. */
  renew(): void;
  /** Forgets all: another model. */
  clear(): void;
}

export function createLabels(engine: ModelSession): Labels {
  const store = createStore<LabelsState>(() => ({ sites: {}, failed: {} }));
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
        if (!labels || mine !== asked) return;
        store.setState(({ sites, failed: { [layer]: _mended, ...failed } }) => ({
          sites: { ...sites, [layer]: labels },
          failed,
        }));
      } catch (error) {
        mine.delete(layer);
        const why = regionError(error);
        if (why && mine === asked) store.setState(({ failed }) => ({ failed: { ...failed, [layer]: why } }));
      }
    },
    show: (layer, width, labels) => {
      const names: (string | null)[] = Array(width).fill(null);
      for (const [id, label] of labels) names[id] = label;
      // No densities are known. NaN is shown as a dash; 0 would be a claim.
      const none = new Float32Array(width).fill(Number.NaN);
      const density = { written: none, heldOut: none };
      const promoted = { per: 0, ids: new Uint32Array(0), tokens: {} };
      const told: SiteLabels = { layer, labels: names, precision: none, recall: none, density, promoted };
      store.setState(({ sites }) => ({ sites: { ...sites, [layer]: told } }));
    },
    forget: (layer) => store.setState(({ sites: { [layer]: _gone, ...sites } }) => ({ sites })),
    renew: () => {
      asked = new Set();
    },
    clear: () => {
      asked = new Set();
      store.setState({ sites: {}, failed: {} });
    },
  };
}

export const labelOf = (sites: Readonly<Record<number, SiteLabels>>, layer: number, feature: number): string | null =>
  sites[layer]?.labels[feature] ?? null;
