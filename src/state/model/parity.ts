import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { ParityCase } from '../../lens/api/lens';
import { Latest } from '../base/latest';
import { regionError } from '../base/region-error';
import type { ModelSession } from './session';

interface ParityState {
  status: 'hidden' | 'running' | 'done' | 'failed';
  cases: ParityCase[];
  error: ErrorData | null;
}

export interface Parity {
  store: StoreApi<ParityState>;
  /** Runs the model folder's reference cases on this machine, a line as each is through. Never rejects. */
  check(): Promise<void>;
  hide(): void;
}

export function createParity(engine: ModelSession): Parity {
  const store = createStore<ParityState>(() => ({ status: 'hidden', cases: [], error: null }));
  const latest = new Latest();
  return {
    store,
    check: async () => {
      const { lens } = engine.store.getState();
      if (!lens) return;
      store.setState({ status: 'running', cases: [], error: null });
      const task = (signal: AbortSignal) =>
        lens.parity({
          signal,
          onCase: (one) => {
            if (!signal.aborted) store.setState(({ cases }) => ({ cases: [...cases, one] }));
          },
        });
      try {
        await engine.track(latest.request(task, (cases) => store.setState({ status: 'done', cases })));
      } catch (error) {
        store.setState({ status: 'failed', error: regionError(error) });
      }
    },
    hide: () => {
      latest.cancel();
      store.setState({ status: 'hidden' });
    },
  };
}
