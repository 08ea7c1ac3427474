import { createStore, type StoreApi } from 'zustand/vanilla';
import { AbortedError, DeviceLostError, EngineCrashedError, type ErrorData, errorToData } from '../../lens/api/errors';
import { identityOf } from '../../lens/api/identity';
import type { Lens, LensInfo } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { Following, OpenRequest } from '../../lens/api/request';
import { isLoss, regionError } from '../base/region-error';
import type { ProviderChoice } from './model-url';
import { leftSays, noteTransfer, type Transfer } from './progress';

export type OpenLens = (request: OpenRequest, following: Following) => Promise<Lens>;

export interface EngineState {
  /** `asking`: a model from another site waits for the user's word. `lost`: the device went away under an open lens. */
  phase: 'idle' | 'asking' | 'loading' | 'cancelled' | 'ready' | 'lost' | 'error';
  /** What is open, or is being opened: `identityOf` the request; of a folder its address. */
  url: string;
  request: OpenRequest | null;
  provider: ProviderChoice;
  /** Stages seen while opening, in order; the last is the one under way. */
  stages: Progress[];
  /** How fast the stage under way comes. */
  transfer: Transfer | null;
  /** Other dictionaries of the open model are being opened; the ones before stay usable meanwhile. */
  switching: { layers: readonly number[]; stage: Progress | null } | null;
  /** Why they could not be. */
  switchError: ErrorData | null;
  /** The device was lost, and the page opened the model again by itself: how it was lost. */
  recovered: string | null;
  lens: Lens | null;
  info: LensInfo | null;
  error: ErrorData | null;
  /** Calls under way or about to start. */
  busy: number;
  /** Steps a second of the last generation, and how many rows ran in each. */
  speed: { perSecond: number; rows: number } | null;
}

export interface Engine {
  store: StoreApi<EngineState>;
  /** Opens a model in place of the open one. A later call, `cancel` or `close` overtakes it. */
  open(request: OpenRequest, provider: ProviderChoice): Promise<void>;
  /** Waits for the user's word before anything is fetched. */
  ask(request: OpenRequest, provider: ProviderChoice): void;
  cancel(): void;
  restart(): Promise<void>;
  /** The open model with the dictionaries of other layers. Where it fails, or is stopped with `cancelSites`, all stays
   *  as it was. */
  openSites(layers: readonly number[]): Promise<void>;
  cancelSites(): void;
  /** Takes down what it says of a lost device. */
  dismiss(): void;
  close(): Promise<void>;
  /** Shows a failure that came before there was an address to open. */
  fail(error: unknown): void;
  /** Counts a call as busy until it settles, and notices a lost device in its failure. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Tokens a second of the last run, of `rows` texts at once; null where it was too short to tell. */
  measure(perSecond: number | null, rows: number): void;
}

/** What `data-state` of the document says. */
export function documentState({
  phase,
  busy,
}: Pick<EngineState, 'phase' | 'busy'>): 'loading' | 'ready' | 'busy' | 'error' {
  if (phase === 'ready') return busy > 0 ? 'busy' : 'ready';
  return phase === 'error' || phase === 'lost' || phase === 'cancelled' ? 'error' : 'loading';
}

/** The stages with one report more: a stage is listed once, where it first came. */
export function withProgress(stages: readonly Progress[], report: Progress): Progress[] {
  const known = stages.some((stage) => stage.stage === report.stage);
  return known ? stages.map((stage) => (stage.stage === report.stage ? report : stage)) : [...stages, report];
}

/** A device that is lost twice within this many milliseconds is likely to be lost again: the third opening is the
 *  reader's to ask for. */
const QUIET = 60_000;
/** What the browser needs to start its GPU process again. */
const PAUSE = 500;

export function createEngine(openLens: OpenLens, { now = () => performance.now(), pause = PAUSE } = {}): Engine {
  const store = createStore<EngineState>(() => ({
    phase: 'idle',
    url: '',
    request: null,
    provider: 'auto',
    stages: [],
    transfer: null,
    switching: null,
    switchError: null,
    recovered: null,
    lens: null,
    info: null,
    error: null,
    busy: 0,
    speed: null,
  }));
  let opening: AbortController | null = null;
  let switching: AbortController | null = null;
  let lostAt = Number.NEGATIVE_INFINITY;

  const lose = (lens: Lens, error: DeviceLostError | EngineCrashedError) => {
    const { lens: open, request, provider } = store.getState();
    if (open !== lens) return;
    store.setState({ phase: 'lost', lens: null, error: errorToData(error), switching: null });
    lens.close().catch(() => undefined); // a lost lens may not close any more; there is nothing left to keep
    const before = lostAt;
    lostAt = now();
    if (request && lostAt - before > QUIET) void openModel(request, provider, error.message);
  };

  const drop = async () => {
    opening?.abort();
    switching?.abort();
    const { lens } = store.getState();
    store.setState({ lens: null, switching: null });
    await lens?.close().catch(() => undefined);
  };

  const watch = (lens: Lens) =>
    void lens.lost.then(({ reason, message }) => {
      const words = message || reason;
      lose(
        lens,
        reason === 'crashed'
          ? new EngineCrashedError(`The engine stopped (${words}).`)
          : new DeviceLostError(`The GPU device was lost (${words}).`),
      );
    });

  const openModel = async (request: OpenRequest, provider: ProviderChoice, recovered: string | null) => {
    const closed = drop();
    const controller = new AbortController();
    opening = controller;
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
        if (controller.signal.aborted) return;
        store.setState(({ stages, transfer }) => ({
          stages: withProgress(stages, report),
          transfer: noteTransfer(transfer, report, now()),
        }));
      };
      if (controller.signal.aborted) return;
      const lens = await openLens({ ...request, provider }, { signal: controller.signal, onProgress });
      if (controller.signal.aborted) {
        await lens.close();
        return;
      }
      store.setState({ phase: 'ready', lens, info: lens.info });
      watch(lens);
    } catch (error) {
      if (controller.signal.aborted) return;
      store.setState({ phase: 'error', error: errorToData(error), recovered: null });
    }
  };

  const track = async <T>(call: Promise<T>): Promise<T> => {
    const { lens } = store.getState();
    store.setState(({ busy }) => ({ busy: busy + 1 }));
    try {
      return await call;
    } catch (error) {
      if (lens && isLoss(error)) lose(lens, error);
      throw error;
    } finally {
      store.setState(({ busy }) => ({ busy: busy - 1 }));
    }
  };

  const openSites = async (layers: readonly number[]) => {
    switching?.abort();
    const { lens, request } = store.getState();
    if (!lens || !request) return;
    const controller = new AbortController();
    switching = controller;
    const mine = () => !controller.signal.aborted && switching === controller;
    store.setState({ switching: { layers, stage: null }, switchError: null, transfer: null });
    try {
      const onProgress = (stage: Progress) => {
        if (mine())
          store.setState(({ transfer }) => ({
            switching: { layers, stage },
            transfer: noteTransfer(transfer, stage, now()),
          }));
      };
      const next = await track(lens.openSites(layers, { signal: controller.signal, onProgress }));
      if (store.getState().lens !== lens) {
        await next.close();
        return;
      }
      // Restarted, it is opened as it stands now.
      store.setState({ lens: next, info: next.info, request: { ...request, sites: [...layers] }, switching: null });
      watch(next);
    } catch (error) {
      if (mine()) store.setState({ switching: null, switchError: regionError(error) });
    }
  };

  return {
    store,
    open: (request, provider) => openModel(request, provider, null),
    ask: (request, provider) =>
      store.setState({ phase: 'asking', url: identityOf(request), request, provider, error: null }),
    cancel: () => {
      opening?.abort();
      const { phase, stages } = store.getState();
      if (phase !== 'loading') return;
      const error = errorToData(
        new AbortedError(['Opening was cancelled.', leftSays(stages)].filter(Boolean).join(' ')),
      );
      store.setState({ phase: 'cancelled', error, recovered: null });
    },
    restart: () => {
      const { request, provider } = store.getState();
      return request ? openModel(request, provider, null) : Promise.resolve();
    },
    openSites,
    cancelSites: () => {
      switching?.abort();
      store.setState({ switching: null });
    },
    dismiss: () => store.setState({ recovered: null }),
    close: async () => {
      await drop();
      store.setState({ phase: 'idle', info: null });
    },
    fail: (error) => store.setState({ phase: 'error', error: errorToData(error) }),
    track,
    measure: (perSecond, rows) => store.setState({ speed: perSecond === null ? null : { perSecond, rows } }),
  };
}
