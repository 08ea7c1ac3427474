import type { StoreApi } from 'zustand/vanilla';

/** Several stores, read as one state. */
export interface Combined<S> {
  getState(): S;
  /** Calls back at every change of any of them. */
  subscribe(changed: () => void): () => void;
  /** Calls back when the selected value has changed. Unlike zustand's subscribeWithSelector, which passes on the state
   *  of the call that it hears of, this selects from the present state. If an earlier listener sets a store again, the
   *  newest state comes, and comes once. */
  follow<T>(select: (state: S) => T, changed: (now: T, before: T) => void, equal?: (a: T, b: T) => boolean): () => void;
}

export function combine<S extends object>(stores: { [K in keyof S]: StoreApi<S[K]> }): Combined<S> {
  const all = Object.entries<StoreApi<unknown>>(stores);
  const getState = () => Object.fromEntries(all.map(([name, store]) => [name, store.getState()])) as S;
  const subscribe = (changed: () => void) => {
    const stops = all.map(([, store]) => store.subscribe(changed));
    return () => {
      for (const stop of stops) stop();
    };
  };
  return {
    getState,
    subscribe,
    follow: (select, changed, equal = Object.is) => {
      let last = select(getState());
      return subscribe(() => {
        const before = last;
        const now = select(getState());
        if (equal(now, before)) return;
        last = now;
        changed(now, before);
      });
    },
  };
}
