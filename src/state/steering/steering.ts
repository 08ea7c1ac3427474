import { createStore, type StoreApi } from 'zustand/vanilla';
import { addRow, type EditPatch, type EditRow, patchRow, removeRow, type Strength } from './edits';

export interface SteeringState {
  rows: EditRow[];
  /** Random control beside the steered text, and the how-manieth draw of its direction. */
  control: boolean;
  draw: number;
}

export interface Steering {
  store: StoreApi<SteeringState>;
  /** Of strength 1 unless given. */
  add(layer: number, feature: number, strength?: Strength): void;
  /** `start`: the strength of a new row of the same feature, where a mode begins that the row was not in yet; 1 unless
   *  given. */
  patch(key: number, patch: EditPatch, start?: (row: EditRow) => Strength): void;
  remove(key: number): void;
  replace(rows: EditRow[]): void;
  setControl(on: boolean): void;
  redraw(): void;
}

const ONE: Strength = { strength: 1, unit: 'raw' };

export function createSteering(): Steering {
  const store = createStore<SteeringState>(() => ({ rows: [], control: true, draw: 1 }));
  const rows = (next: (rows: EditRow[]) => EditRow[]) => store.setState((state) => ({ rows: next(state.rows) }));
  return {
    store,
    add: (layer, feature, strength = ONE) => rows((old) => addRow(old, layer, feature, strength)),
    patch: (key, patch, start = () => ONE) => rows((old) => patchRow(old, key, patch, start)),
    remove: (key) => rows((old) => removeRow(old, key)),
    replace: (next) => rows(() => next),
    setControl: (control) => store.setState({ control }),
    redraw: () => store.setState(({ draw }) => ({ draw: draw + 1 })),
  };
}
