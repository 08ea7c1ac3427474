import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import { Latest } from './latest';
import { regionError } from './region-error';

/** One question to the engine that follows what is selected. The last answer stays, as stale, until the next is
 *  there. */
interface QuerySlotState<V> {
  /** What was asked last; null: nothing. */
  key: string | null;
  value: V | null;
  /** What `value` answers. */
  answered: string | null;
  error: ErrorData | null;
}

/** Counts a call as busy until it settles. */
interface Busy {
  track<T>(call: Promise<T>): Promise<T>;
}

export interface QuerySlot<V> {
  store: StoreApi<QuerySlotState<V>>;
  /** Asks unless the same key is asked or answered already. Overtakes what was asked before. */
  ask(key: string, task: (signal: AbortSignal) => Promise<V>): Promise<void>;
  /** Forgets the question; the answer stays as stale, and the same question may be asked anew. */
  release(): void;
  /** Forgets question and answer. */
  clear(): void;
}

/** With `follow` (see Latest) every answer is shown as it comes, marked stale by its key until the newest question's is
 *  there. */
export function createQuerySlot<V>(engine: Busy, follow = false): QuerySlot<V> {
  const store = createStore<QuerySlotState<V>>(() => ({ key: null, value: null, answered: null, error: null }));
  const latest = new Latest(follow);
  return {
    store,
    ask: async (key, task) => {
      if (store.getState().key === key) return;
      store.setState({ key, error: null });
      try {
        await engine.track(latest.request(task, (value) => store.setState({ value, answered: key })));
      } catch (error) {
        if (store.getState().key === key) store.setState({ error: regionError(error) });
      }
    },
    release: () => {
      latest.cancel();
      store.setState({ key: null, error: null });
    },
    clear: () => {
      latest.cancel();
      store.setState({ key: null, value: null, answered: null, error: null });
    },
  };
}
