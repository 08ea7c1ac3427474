import { errorToData } from '../../lens/api/errors';
import { identityOf } from '../../lens/api/identity';
import type { Lens } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { Following, OpenRequest } from '../../lens/api/request';
import { regionError } from '../base/region-error';
import type { Attempt, EngineStore } from './engine-state';
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
  /** Closes what is open. */
  drop: () => Promise<void>;
  /** What the browser needs to start its GPU process again, in ms. */
  pause: number;
}

/** An open model of at most so many bytes is held until another one is open. A larger one makes room when all files of
 *  the other are read and checked, and its parts go to the GPU: two such models may not fit there. */
const BESIDE = 1e9;

/** Opens models, one at a time. An open model stays open, with all that was done with it, until another one is there:
 *  what cannot be opened is refused, and changes nothing. `recovered`: how the device was lost that the model was open
 *  on before. */
export function createOpening({ store, now, watch, openLens, drop, pause }: OpeningParts) {
  let controller: AbortController | null = null;
  /** Of the opening under way: closes the open model and makes the page about the one that is being opened. */
  let enter: () => Promise<void> = () => Promise.resolve();

  const note = (report: Progress) =>
    store.setState(({ stages, transfer, trying }) => {
      const seen = trying ?? { stages, transfer };
      const noted = {
        stages: withProgress(seen.stages, report),
        transfer: noteTransfer(seen.transfer, report, now()),
      };
      return trying ? { trying: { ...trying, ...noted } } : noted;
    });

  /** Whether it is open now. */
  const open = async (request: OpenRequest, provider: ProviderChoice, recovered: string | null): Promise<boolean> => {
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    const attempt: Attempt = { url: identityOf(request), request, provider, stages: [], transfer: null };
    enter = () => {
      const closed = drop();
      store.setState(({ url, info, trying }) => ({
        phase: 'loading',
        ...(trying ?? attempt),
        ...{ trying: null, refused: null, error: null, switchError: null, speed: null, recovered },
        // The same model's facts stay on show while it is opened again.
        info: url === attempt.url ? info : null,
      }));
      return closed;
    };
    const { lens: before, info } = store.getState();
    const large = info !== null && info.memory.weights + info.memory.dictionaries > BESIDE;
    if (before) store.setState({ trying: attempt, refused: null });
    else await enter();
    if (recovered !== null) await new Promise((resolve) => setTimeout(resolve, pause));
    if (signal.aborted) return false;
    try {
      const onProgress = (report: Progress) => {
        if (signal.aborted) return;
        note(report);
        if (large && report.stage === 'upload' && store.getState().trying) void enter();
      };
      const lens = await openLens({ ...request, provider }, { signal, onProgress });
      if (signal.aborted) {
        await lens.close();
        return false;
      }
      if (store.getState().trying) void enter();
      store.setState({ phase: 'ready', lens, info: lens.info });
      watch(lens);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { trying } = store.getState();
      if (trying) store.setState({ trying: null, refused: { ...trying, error: errorToData(error) } });
      else store.setState({ phase: 'error', error: errorToData(error), recovered: null });
      return false;
    }
  };
  return { open, enter: () => void enter(), abort: () => controller?.abort() };
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
      const failed = regionError(error);
      if (current()) store.setState({ switching: null, switchError: failed && { ...failed, layers } });
    }
  };
  return { open, abort: () => controller?.abort() };
}
