import { createStore, type StoreApi } from 'zustand/vanilla';
import { addRow, type EditPatch, type EditRow, patchRow, removeRow } from './edits';

export interface SteeringState {
  rows: EditRow[];
  /** Random control beside the steered text, and the how-manieth draw of its direction. */
  control: boolean;
  draw: number;
}

export interface Steering {
  store: StoreApi<SteeringState>;
  /** At `weight` x its maximum, 1 unless given. */
  add(layer: number, feature: number, weight?: number): void;
  /** `start`: the weight of a new row of the same feature, where a mode begins that the row was not in yet; 1 unless
   *  given. */
  patch(key: number, patch: EditPatch, start?: (row: EditRow) => number): void;
  remove(key: number): void;
  replace(rows: EditRow[]): void;
  setControl(on: boolean): void;
  redraw(): void;
}

export function createSteering(): Steering {
  const store = createStore<SteeringState>(() => ({ rows: [], control: true, draw: 1 }));
  const rows = (next: (rows: EditRow[]) => EditRow[]) => store.setState((state) => ({ rows: next(state.rows) }));
  return {
    store,
    add: (layer, feature, weight = 1) => rows((old) => addRow(old, layer, feature, weight)),
    patch: (key, patch, start = () => 1) => rows((old) => patchRow(old, key, patch, start)),
    remove: (key) => rows((old) => removeRow(old, key)),
    replace: (next) => rows(() => next),
    setControl: (control) => store.setState({ control }),
    redraw: () => store.setState(({ draw }) => ({ draw: draw + 1 })),
  };
}
