import { errorToData } from '../../lens/api/errors';
import { identityOf } from '../../lens/api/identity';
import type { Lens } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { Following, OpenRequest } from '../../lens/api/request';
import { regionError } from '../base/region-error';
import type { EngineStore } from './engine-state';
import type { ProviderChoice } from './model-url';
import { noteTransfer, withProgress } from './progress';

export type OpenLens = (request: OpenRequest, following: Following) => Promise<Lens>;

interface Parts {
  store: EngineStore;
  now: () => number;
  /** Told of each lens that is open now. */
  watch: (lens: Lens) => void;
}

interface OpeningParts extends Parts {
  openLens: OpenLens;
  /** Closes what is open, and ends what is being opened. */
  drop: () => Promise<void>;
  /** What the browser needs to start its GPU process again, in ms. */
  pause: number;
}

/** Opens models, one at a time. `recovered`: how the device was lost that the model was open on before. */
export function createOpening({ store, now, watch, openLens, drop, pause }: OpeningParts) {
  let controller: AbortController | null = null;
  const open = async (request: OpenRequest, provider: ProviderChoice, recovered: string | null): Promise<void> => {
    const closed = drop();
    controller = new AbortController();
    const { signal } = controller;
    const url = identityOf(request);
    const begun = { stages: [], transfer: null, error: null, switchError: null, speed: null, recovered };
    // The same model's facts stay on show while it is opened again.
    store.setState((before) => ({
      phase: 'loading',
      url,
      request,
      provider,
      ...begun,
      info: before.url === url ? before.info : null,
    }));
    await closed;
    if (recovered !== null) await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const onProgress = (report: Progress) => {
        if (signal.aborted) return;
        store.setState(({ stages, transfer }) => ({
          stages: withProgress(stages, report),
          transfer: noteTransfer(transfer, report, now()),
        }));
      };
      if (signal.aborted) return;
      const lens = await openLens({ ...request, provider }, { signal, onProgress });
      if (signal.aborted) {
        await lens.close();
        return;
      }
      store.setState({ phase: 'ready', lens, info: lens.info });
      watch(lens);
    } catch (error) {
      if (signal.aborted) return;
      store.setState({ phase: 'error', error: errorToData(error), recovered: null });
    }
  };
  return { open, abort: () => controller?.abort() };
}

interface SwitchParts extends Parts {
  track: <T>(call: Promise<T>) => Promise<T>;
}

/** Opens other dictionaries of the open model; those before stay usable meanwhile. */
export function createSwitch({ store, now, watch, track }: SwitchParts) {
  let controller: AbortController | null = null;
  const open = async (layers: readonly number[]): Promise<void> => {
    controller?.abort();
    const { lens, request } = store.getState();
    if (!lens || !request) return;
    const mine = new AbortController();
    controller = mine;
    const current = () => !mine.signal.aborted && controller === mine;
    store.setState({ switching: { layers, stage: null }, switchError: null, transfer: null });
    try {
      const onProgress = (stage: Progress) => {
        if (current())
          store.setState(({ transfer }) => ({
            switching: { layers, stage },
            transfer: noteTransfer(transfer, stage, now()),
          }));
      };
      const next = await track(lens.openSites(layers, { signal: mine.signal, onProgress }));
      if (store.getState().lens !== lens) {
        await next.close();
        return;
      }
      // Restarted, it is opened as it stands now.
      store.setState({ lens: next, info: next.info, request: { ...request, sites: [...layers] }, switching: null });
      watch(next);
    } catch (error) {
      if (current()) store.setState({ switching: null, switchError: regionError(error) });
    }
  };
  return { open, abort: () => controller?.abort() };
}
