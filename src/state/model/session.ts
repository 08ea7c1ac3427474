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
  /** Opens a model in place of the open one. A later call, `cancel` or `close` overtakes it. */
  open(request: OpenRequest, provider: ProviderChoice): Promise<void>;
  /** Waits for the user's word before anything is fetched. */
  ask(request: OpenRequest, provider: ProviderChoice): void;
  cancel(): void;
  restart(): Promise<void>;
  /** Opens the model with the dictionaries of other layers. If that fails, or `cancelSites` stops it, everything stays
   *  as it was. */
  openSites(layers: readonly number[]): Promise<void>;
  cancelSites(): void;
  /** Removes the message about a lost device. */
  dismiss(): void;
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
    const { lens: open, request, provider } = store.getState();
    if (open !== lens) return;
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
    opening.abort();
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
      const { phase, stages } = store.getState();
      if (phase !== 'loading') return;
      const error = errorToData(
        new AbortedError(['Opening was cancelled.', leftSays(stages)].filter(Boolean).join(' ')),
      );
      store.setState({ phase: 'cancelled', error, recovered: null });
    },
    restart: () => {
      const { request, provider } = store.getState();
      return request ? opening.open(request, provider, null) : Promise.resolve();
    },
    openSites: sites.open,
    cancelSites: () => {
      sites.abort();
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

const lossOf = ({ reason, message }: Awaited<Lens['lost']>): DeviceLostError | EngineCrashedError =>
  reason === 'crashed'
    ? new EngineCrashedError(`The engine stopped (${message || reason}).`)
    : new DeviceLostError(`The GPU device was lost (${message || reason}).`);
