import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Counted } from '../../state/reading/positions';
import { sinksAt } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';
import { useBench } from '../use-workbench';
import { countedOf } from './chip-fill';

/** The same object until it says something else: where a lock changes nothing, nothing is drawn again. */
export const useCounted = (reading: Reading, layer: number | null): Counted =>
  useStore(
    useBench().view.store,
    useShallow((view) => countedOf(view, reading, sinksAt(reading, layer))),
  );
