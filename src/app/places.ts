import { type ComponentType, lazy } from 'react';

/** A place beside the sheet. To add one is to add it here: the nav, the address, the key and the list of keys follow. */
export interface Place {
  /** In the address: `w=notebook`. Small letters. */
  id: string;
  name: string;
  /** Goes there, and from there back to the sheet. */
  key: string;
  /** What the list of keys says of the key. */
  does: string;
  /** Loaded when the place is first shown. Draws itself into the frame of `ui/Place`. */
  Component: ComponentType;
}

export const PLACES: readonly Place[] = [
  {
    id: 'notebook',
    name: 'Notebook',
    key: 'n',
    does: 'Notebook, and back to the sheet',
    Component: lazy(() => import('../panels/notebook/Notebook')),
  },
  {
    id: 'log',
    name: 'Log',
    key: 'l',
    does: 'Log of verbalizations, and back to the sheet',
    Component: lazy(() => import('../panels/log/Log')),
  },
];

export const isPlace = (id: string): boolean => PLACES.some((place) => place.id === id);
