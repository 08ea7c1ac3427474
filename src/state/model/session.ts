import { AbortedError, DeviceLostError, EngineCrashedError, errorToData } from '../../lens/api/errors';
import { identityOf } from '../../lens/api/identity';
import type { Lens } from '../../lens/api/lens';
import type { OpenRequest } from '../../lens/api/request';
import { isLoss } from '../base/region-error';
import { createEngineStore, type EngineStore } from './engine-state';
import type { ProviderChoice } from './model-url';
import { createOpening, createSwitch, type OpenLens } from './opening';
import { leftSays } from './progress';

export interface ModelSession {
  store: EngineStore;
  /** Opens a model in place of the open one, which stays open until then; resolves to whether it is open now. A later
   *  call, `cancel` or `close` overtakes it. */
  open(request: OpenRequest, provider: ProviderChoice): Promise<boolean>;
  /** Waits for the user's word before anything is fetched. */
  ask(request: OpenRequest, provider: ProviderChoice): void;
  cancel(): void;
  restart(): Promise<boolean>;
  /** Opens the model with the dictionaries of other layers. If that fails, or `cancelSites` stops it, everything stays
   *  as it was. */
  openSites(layers: readonly number[]): Promise<void>;
  cancelSites(): void;
  /** Removes the message about a lost device, or about a model that could not be opened. */
  dismiss(message: 'recovered' | 'refused'): void;
  close(): Promise<void>;
  /** Shows a failure that came before there was an address to open. */
  fail(error: unknown): void;
  /** Counts a call as busy until it settles, and notices a lost device in its failure. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Tokens a second of the last run, of `rows` texts at once; null where it was too short to tell. */
  measure(perSecond: number | null, rows: number): void;
}

/** A device that is lost twice within this many milliseconds is likely to be lost again: the page leaves the third
 *  opening to the reader. */
const QUIET = 60_000;
/** What the browser needs to start its GPU process again. */
const PAUSE = 500;

export function createSession(openLens: OpenLens, { now = () => performance.now(), pause = PAUSE } = {}): ModelSession {
  const store = createEngineStore();
  let lostAt = Number.NEGATIVE_INFINITY;

  const lose = (lens: Lens, error: DeviceLostError | EngineCrashedError) => {
    const { lens: open, request, provider, trying } = store.getState();
    if (open !== lens) return;
    if (trying) {
      // The reader has asked for another one already.
      opening.enter();
      return;
    }
    store.setState({ phase: 'lost', lens: null, error: errorToData(error), switching: null });
    lens.close().catch(() => undefined); // a lost lens may not close any more; there is nothing left to keep
    const before = lostAt;
    lostAt = now();
    if (request && lostAt - before > QUIET) void opening.open(request, provider, error.message);
  };
  const watch = (lens: Lens) => void lens.lost.then((loss) => lose(lens, lossOf(loss)));
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
  const drop = async () => {
    sites.abort();
    const { lens } = store.getState();
    store.setState({ lens: null, switching: null });
    await lens?.close().catch(() => undefined);
  };
  const sites = createSwitch({ store, now, watch, track });
  const opening = createOpening({ store, now, watch, openLens, drop, pause });

  return {
    store,
    open: (request, provider) => opening.open(request, provider, null),
    ask: (request, provider) =>
      store.setState({ phase: 'asking', url: identityOf(request), request, provider, error: null }),
    cancel: () => {
      opening.abort();
      const { phase, stages, trying } = store.getState();
      const left = leftSays(trying?.stages ?? stages);
      const error = errorToData(new AbortedError(['Opening was cancelled.', left].filter(Boolean).join(' ')));
      // Beside an open model there is nothing to say but what is kept of a download.
      if (trying) store.setState({ trying: null, refused: left ? { ...trying, error } : null });
      else if (phase === 'loading') store.setState({ phase: 'cancelled', error, recovered: null });
    },
    restart: () => {
      const { request, provider } = store.getState();
      return request ? opening.open(request, provider, null) : Promise.resolve(false);
    },
    openSites: sites.open,
    cancelSites: () => {
      sites.abort();
      store.setState({ switching: null });
    },
    dismiss: (message) => store.setState({ [message]: null }),
    close: async () => {
      opening.abort();
      await drop();
      store.setState({ phase: 'idle', info: null, trying: null, refused: null });
    },
    fail: (error) => store.setState({ phase: 'error', error: errorToData(error) }),
    track,
    measure: (perSecond, rows) => store.setState({ speed: perSecond === null ? null : { perSecond, rows } }),
  };
}

const lossOf = ({ reason, message }: Awaited<Lens['lost']>): DeviceLostError | EngineCrashedError =>
  reason === 'crashed'
    ? new EngineCrashedError(`The engine stopped (${message || reason}).`)
    : new DeviceLostError(`The GPU device was lost (${message || reason}).`);
