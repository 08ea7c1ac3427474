import { createStore, type StoreApi } from 'zustand/vanilla';

type Colour = 'feature' | 'fvu' | 'surprisal';

/** The place where text, features, steering and words stand. */
export const SHEET = 'sheet';

/** The texts of a run, in their order. */
export const STREAMS = ['baseline', 'steered', 'control'] as const;
export type StreamKind = (typeof STREAMS)[number];
export const streamTitle: Record<StreamKind, string> = { baseline: 'Baseline', steered: 'Steered', control: 'Control' };

/** The reader's view; no part of it belongs to the engine. Positions are those of tokens; a chip is named by its
 *  first. */
export interface ViewState {
  /** Layer of the site on show; null until a model says which there are. */
  site: number | null;
  locked: number | null;
  /** The other end of a selection of tokens; null: the locked one alone. */
  anchor: number | null;
  hover: number | null;
  /** A locked token of a generated text: the `index`-th of `stream`. Never together with `locked`. */
  generated: { stream: StreamKind; index: number } | null;
  /** The chosen feature; null: the strongest of the list. */
  feature: number | null;
  /** The feature chosen at the previous site. Ids do not carry over, so the page says what is nearest here. */
  left: { layer: number; feature: number } | null;
  colour: Colour;
  /** End of the colour scale: the feature's own maximum (comparable between prompts) or the largest of this prompt. */
  scale: 'maximum' | 'prompt';
  rank: 'relative' | 'raw';
  /** What a feature is ranked by over the positions that count. */
  over: 'max' | 'mean' | 'count';
  /** Let attention sinks, position 0 among them, take part in ranking, colour scale and figures. */
  first: boolean;
  /** Let the tokens that a conversation's template writes take part in the same. */
  template: boolean;
  /** What of a conversation the lists are over while nothing is selected, as Edit.where writes it; null: all of it. */
  scope: string | null;
  /** List features too that fire almost everywhere. */
  dense: boolean;
  /** Key of the edit in hand, whose details are open; null: the first. */
  edit: number | null;
  /** What the features region lists. */
  list: 'active' | 'contrast' | 'pinned';
  /** What the words region shows: an activation's words, the logit lens, or what else could stand in a token's place. */
  words: 'words' | 'lens' | 'alternatives';
  /** The region on show where not all fit. */
  tab: 'features' | 'steer' | 'words';
  /** The place on show; the app has the list of the others. */
  place: string;
  /** The dialog that lies over the page. */
  sheet: null | 'models' | 'search' | 'keys';
}

export interface View {
  store: StoreApi<ViewState>;
  set(patch: Partial<ViewState>): void;
  hover(position: number | null): void;
  /** Locks a token, or unlocks it where it alone is locked already. */
  toggleLock(position: number): void;
  /** Locks a token; with `extend` what lies between it and the token locked before is selected. */
  select(position: number, extend: boolean): void;
  /** Locks a token of a generated text, or unlocks it where it is locked already. */
  toggleGenerated(stream: StreamKind, index: number): void;
  unlock(): void;
  /** Another site keeps text and token, and drops the chosen feature: ids do not carry over between sites. */
  chooseSite(layer: number): void;
}

export function createView(): View {
  const store = createStore<ViewState>(() => ({
    site: null,
    locked: null,
    anchor: null,
    hover: null,
    generated: null,
    feature: null,
    left: null,
    colour: 'feature',
    scale: 'maximum',
    rank: 'relative',
    over: 'max',
    first: false,
    template: false,
    scope: null,
    dense: false,
    edit: null,
    list: 'active',
    words: 'words',
    tab: 'features',
    place: SHEET,
    sheet: null,
  }));
  return {
    store,
    // A reader who chooses a feature here no longer asks about the previous one.
    set: (patch) => store.setState('feature' in patch ? { left: null, ...patch } : patch),
    hover: (position) => {
      if (store.getState().hover !== position) store.setState({ hover: position });
    },
    toggleLock: (position) =>
      store.setState(({ locked, anchor }) => ({
        locked: locked === position && anchor === null ? null : position,
        anchor: null,
        generated: null,
      })),
    select: (position, extend) =>
      store.setState(({ locked, anchor }) => {
        const from = extend ? (anchor ?? locked) : null;
        return { locked: position, anchor: from === position ? null : from, generated: null };
      }),
    toggleGenerated: (stream, index) =>
      store.setState(({ generated }) => {
        const same = generated?.stream === stream && generated.index === index;
        return { generated: same ? null : { stream, index }, locked: null, anchor: null };
      }),
    unlock: () => {
      const { locked, generated } = store.getState();
      if (locked !== null || generated) store.setState({ locked: null, anchor: null, generated: null });
    },
    chooseSite: (layer) =>
      store.setState(({ site, feature, left }) => {
        if (site === layer) return {};
        return {
          site: layer,
          feature: null,
          left: site !== null && feature !== null ? { layer: site, feature } : left,
        };
      }),
  };
}
