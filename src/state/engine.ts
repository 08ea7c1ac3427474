import { createStore, type StoreApi } from 'zustand/vanilla';
import { AbortedError, DeviceLostError, EngineCrashedError, type ErrorData, errorToData } from '../lens/errors';
import type { Lens, LensInfo, OpenOptions, Progress } from '../lens/types';

export type OpenLens = (url: string, options: OpenOptions) => Promise<Lens>;
export type ProviderChoice = 'auto' | 'webgpu' | 'wasm';

export interface EngineState {
  /** `asking`: a foreign folder waits for the user's word. `lost`: the device went away under an open lens. */
  phase: 'idle' | 'asking' | 'loading' | 'cancelled' | 'ready' | 'lost' | 'error';
  url: string;
  provider: ProviderChoice;
  /** Stages seen while opening, in order; the last is the one under way. */
  stages: Progress[];
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
  /** Opens a folder in place of the open one. A later call, `cancel` or `close` overtakes it. */
  open(url: string, provider: ProviderChoice): Promise<void>;
  /** Waits for the user's word before anything is fetched from `url`. */
  ask(url: string, provider: ProviderChoice): void;
  cancel(): void;
  restart(): Promise<void>;
  close(): Promise<void>;
  /** Shows a failure that came before there was an address to open. */
  fail(error: unknown): void;
  /** Counts a call as busy until it settles, and notices a lost device in its failure. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Tokens a second of the last run, of `rows` texts at once; null where it was too short to tell. */
  measure(perSecond: number | null, rows: number): void;
}

/** A failure as the region shows it in which it happened; null for a lost device, which the page says once for all regions. */
export function regionError(error: unknown): ErrorData | null {
  return isLoss(error) ? null : errorToData(error);
}

/** What `data-state` of the document says. */
export function documentState({ phase, busy }: Pick<EngineState, 'phase' | 'busy'>): 'loading' | 'ready' | 'busy' | 'error' {
  if (phase === 'ready') return busy > 0 ? 'busy' : 'ready';
  return phase === 'error' || phase === 'lost' || phase === 'cancelled' ? 'error' : 'loading';
}

/** The stages with one report more: a stage is listed once, where it first came. */
export function withProgress(stages: readonly Progress[], report: Progress): Progress[] {
  const known = stages.some((stage) => stage.stage === report.stage);
  return known ? stages.map((stage) => (stage.stage === report.stage ? report : stage)) : [...stages, report];
}

/** The engine is gone, whatever was asked of it. */
const isLoss = (error: unknown): error is DeviceLostError | EngineCrashedError => error instanceof DeviceLostError || error instanceof EngineCrashedError;

export function createEngine(openLens: OpenLens): Engine {
  const store = createStore<EngineState>(() => ({
    phase: 'idle',
    url: '',
    provider: 'auto',
    stages: [],
    lens: null,
    info: null,
    error: null,
    busy: 0,
    speed: null,
  }));
  let opening: AbortController | null = null;

  const lose = (lens: Lens, error: DeviceLostError | EngineCrashedError) => {
    if (store.getState().lens !== lens) return;
    store.setState({ phase: 'lost', lens: null, error: errorToData(error) });
    lens.close().catch(() => undefined); // a lost lens may not close any more; there is nothing left to keep
  };

  const drop = async () => {
    opening?.abort();
    const { lens } = store.getState();
    store.setState({ lens: null });
    await lens?.close().catch(() => undefined);
  };

  const open = async (url: string, provider: ProviderChoice) => {
    const closed = drop();
    const controller = new AbortController();
    opening = controller;
    // The same folder's facts stay on show while it is opened again.
    store.setState((now) => ({ phase: 'loading', url, provider, stages: [], info: now.url === url ? now.info : null, error: null, speed: null }));
    await closed;
    try {
      const onProgress = (report: Progress) => {
        if (!controller.signal.aborted) store.setState(({ stages }) => ({ stages: withProgress(stages, report) }));
      };
      if (controller.signal.aborted) return;
      const lens = await openLens(url, { provider, signal: controller.signal, onProgress });
      if (controller.signal.aborted) {
        await lens.close();
        return;
      }
      store.setState({ phase: 'ready', lens, info: lens.info });
      void lens.lost.then(({ reason, message }) => {
        const words = message || reason;
        lose(
          lens,
          reason === 'crashed' ? new EngineCrashedError(`The engine stopped (${words}).`) : new DeviceLostError(`The GPU device was lost (${words}).`),
        );
      });
    } catch (error) {
      if (controller.signal.aborted) return;
      store.setState({ phase: 'error', error: errorToData(error) });
    }
  };

  return {
    store,
    open,
    ask: (url, provider) => store.setState({ phase: 'asking', url, provider, error: null }),
    cancel: () => {
      opening?.abort();
      if (store.getState().phase === 'loading') store.setState({ phase: 'cancelled', error: errorToData(new AbortedError('Opening was cancelled.')) });
    },
    restart: () => open(store.getState().url, store.getState().provider),
    close: async () => {
      await drop();
      store.setState({ phase: 'idle', info: null });
    },
    fail: (error) => store.setState({ phase: 'error', error: errorToData(error) }),
    track: async (call) => {
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
    },
    measure: (perSecond, rows) => store.setState({ speed: perSecond === null ? null : { perSecond, rows } }),
  };
}
