import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

/** The step that is pointed at in the generated texts and their chart; null: none. */
type Steps = StoreApi<{ step: number | null }>;

export const createSteps = (): Steps => createStore<{ step: number | null }>(() => ({ step: null }));

export const StepsContext = createContext<Steps>(createSteps());

/** Part of the step. A component is drawn again only when its part changes, not whenever the pointer moves. */
export function useStep<P>(part: (step: number | null) => P): P {
  return useStore(useContext(StepsContext), ({ step }) => part(step));
}

/** Points at a step. */
export function usePoint(): (step: number | null) => void {
  const steps = useContext(StepsContext);
  return (step) => {
    if (steps.getState().step !== step) steps.setState({ step });
  };
}

/** The step that a key moves to in a text of `length` tokens; null: none of the keys that move. */
export function stepBy(key: string, step: number | null, length: number): number | null {
  const last = length - 1;
  if (last < 0) return null;
  if (key === 'ArrowRight') return Math.min(last, (step ?? -1) + 1);
  if (key === 'ArrowLeft') return Math.min(last, Math.max(0, (step ?? length) - 1));
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}
