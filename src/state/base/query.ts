import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import { Latest } from './latest';
import { regionError } from './region-error';

/** A question to the engine that follows the selection. The last answer stays, as stale, until the next one is
 *  there. */
interface QuerySlotState<V> {
  /** The last question; null: none was asked. */
  key: string | null;
  value: V | null;
  /** The question that `value` answers. */
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
  /** Takes an answer that is known already, in place of asking. */
  give(key: string, value: V): void;
  /** Forgets the question, so that it can be asked again; the answer stays as stale. */
  release(): void;
  /** Forgets question and answer. */
  clear(): void;
}

/** With `follow` (see Latest), shows every answer as it comes. Its key marks it as stale until the newest question's
 *  answer is there. */
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
    give: (key, value) => {
      latest.cancel();
      store.setState({ key, value, answered: key, error: null });
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
