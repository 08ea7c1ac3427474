import { createStore, type StoreApi } from 'zustand/vanilla';

export type Colour = 'feature' | 'fvu' | 'surprisal';

/** What is looked at: all of it belongs to the reader, none to the engine. Positions are those of tokens; a chip is named by its first. */
export interface ViewState {
  /** Layer of the site on show; null until a model says which there are. */
  site: number | null;
  locked: number | null;
  hover: number | null;
  /** The chosen feature; null: the strongest of the list. */
  feature: number | null;
  colour: Colour;
  /** End of the colour scale: the feature's own maximum (comparable between prompts) or the largest of this prompt. */
  scale: 'maximum' | 'prompt';
  rank: 'relative' | 'raw';
  /** Let position 0, an attention sink, take part in ranking, colour scale and error. */
  first: boolean;
  /** The region on show where not all fit. */
  tab: 'features' | 'steer' | 'words';
}

export interface View {
  store: StoreApi<ViewState>;
  set(patch: Partial<ViewState>): void;
  hover(position: number | null): void;
  /** Locks a token, or unlocks it where it is locked already. */
  toggleLock(position: number): void;
  unlock(): void;
  /** Another site keeps text and token, and drops the feature: ids do not carry over between sites. */
  chooseSite(layer: number): void;
}

export function createView(): View {
  const store = createStore<ViewState>(() => ({
    site: null,
    locked: null,
    hover: null,
    feature: null,
    colour: 'feature',
    scale: 'maximum',
    rank: 'relative',
    first: false,
    tab: 'features',
  }));
  return {
    store,
    set: (patch) => store.setState(patch),
    hover: (position) => {
      if (store.getState().hover !== position) store.setState({ hover: position });
    },
    toggleLock: (position) => store.setState(({ locked }) => ({ locked: locked === position ? null : position })),
    unlock: () => {
      if (store.getState().locked !== null) store.setState({ locked: null });
    },
    chooseSite: (layer) => {
      if (store.getState().site !== layer) store.setState({ site: layer, feature: null });
    },
  };
}
