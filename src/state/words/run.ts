import { newId } from '../base/id';
import { regionError } from '../base/region-error';
import type { ModelSession } from '../model/session';
import type { Begun } from './jobs';
import type { VerbalRecord } from './record';
import type { VerbalStore } from './state';
import { blank, type Job, write } from './write';

/** Rows that are written at once: more is no faster, and cancelling would lose more. */
const ROWS = 16;

interface VerbalRuns {
  /** Runs a job to its end; a newer job or `cancel` ends it sooner. `begin` gives null if there is nothing to do. Never
   *  rejects: the state says why under `failed`. */
  start(begin: (begun: Begun) => Promise<Job | null> | Job | null, failed: 'error' | 'rowError'): Promise<void>;
  cancel(): void;
}

/** One run at a time, after `need`; `told` hears of every record that is done. */
export function createVerbalRuns(
  engine: ModelSession,
  store: VerbalStore,
  need: () => Promise<void>,
  told: (record: VerbalRecord) => void,
): VerbalRuns {
  let controller: AbortController | null = null;

  const run = async (begin: (begun: Begun) => Promise<Job | null> | Job | null, signal: AbortSignal) => {
    await need();
    const { lens } = engine.store.getState();
    const job = lens && (await begin({ lens, signal, run: newId() }));
    signal.throwIfAborted();
    if (!job) return;
    const { targets } = job;
    store.setState({ run: { total: targets.length, done: 0, loading: null } });
    const size = Math.max(1, Math.floor(ROWS / blank(store, job, targets[0]!).samples.length));
    for (let i = 0; i < targets.length; i += size) await write(store, job, targets.slice(i, i + size), told);
  };

  return {
    start: async (begin, failed) => {
      controller?.abort();
      const mine = new AbortController();
      controller = mine;
      store.setState({ [failed]: null, run: { total: 0, done: 0, loading: null } });
      try {
        await engine.track(run(begin, mine.signal));
      } catch (error) {
        if (!mine.signal.aborted) store.setState({ [failed]: regionError(error) });
      } finally {
        if (controller === mine) {
          controller = null;
          store.setState({ run: null });
        }
      }
    },
    cancel: () => {
      controller?.abort();
      controller = null;
      store.setState({ run: null });
    },
  };
}
