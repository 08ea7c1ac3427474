import { useEffect, useState } from 'react';
import type { RunState } from '../../state/steering/run';
import { useBench } from '../use-workbench';

type Subscribe = (listener: (now: RunState, before: RunState) => void) => () => void;

/** Shows a run's states: each at once, but while text streams at most one every `ms`, and of those that come between
 *  only the newest. */
export function pace(subscribe: Subscribe, ms: number, show: (state: RunState) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest: RunState | null = null;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (newest) show(newest);
    newest = null;
  };
  const rest = () => {
    timer = setTimeout(() => {
      timer = undefined;
      if (newest) {
        flush();
        rest();
      }
    }, ms);
  };
  const unsubscribe = subscribe((now, before) => {
    newest = now;
    const streams = now.status === 'generating' && before.status === 'generating' && now.stale === before.stale;
    if (!streams) flush();
    else if (timer === undefined) {
      flush();
      rest();
    }
  });
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}

/** The run, as what is costly to draw shows it. */
export function usePacedRun(ms = 100): RunState {
  const { store } = useBench().runner;
  const [run, setRun] = useState(() => store.getState());
  useEffect(() => {
    setRun(store.getState());
    return pace(store.subscribe, ms, setRun);
  }, [store, ms]);
  return run;
}
