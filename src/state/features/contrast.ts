import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LensInfo } from '../../lens/api/lens';
import type { SiteCodes } from '../../lens/api/site';
import type { ModelSession } from '../model/session';
import { activeAt, positionsOf } from '../reading/rank';
import type { Reading, Tracer } from '../reading/trace';

/** What two texts are compared by: the mean latent over tokens, or the share of tokens on which the feature is
 *  active. */
type ContrastBy = 'mean' | 'rate';

interface ContrastState {
  /** Text A with its codes at all sites; B is always what the prompt box holds. */
  held: Reading | null;
  by: ContrastBy;
  /** Why the page released a text that was held. */
  note: string | null;
}

export interface Contrast {
  store: StoreApi<ContrastState>;
  /** Holds the present reading as A. */
  hold(): void;
  release(): void;
  /** B becomes A, and A's text the prompt, traced. */
  swap(): Promise<void>;
  /** Undo or redo brings the prompt from one text to another. If that reverses or repeats a swap, A is exchanged
   *  too. */
  restored(by: 'undo' | 'redo', from: string, to: string): void;
  set(by: ContrastBy): void;
  stop(): void;
}

/** Names the model and dictionaries that codes belong to: by their files' hashes if known, else by their folder. */
const dictionaryOf = (url: string, { sha256, sites }: LensInfo): string =>
  JSON.stringify([sha256 ?? url, ...sites.map((site) => [site.layer, site.width, site.k, site.sha256 ?? url])]);

/** `show` makes a text the prompt, traced. */
export function createContrast(engine: ModelSession, tracer: Tracer, show: (text: string) => Promise<void>): Contrast {
  const store = createStore<ContrastState>(() => ({ held: null, by: 'mean', note: null }));
  let dictionary = '';
  // `given`: what the last swap took from A into the prompt; null if A was held or released since. `swaps`: how many
  // swaps undo can take back, and redo can repeat.
  let given: Reading | null = null;
  let swaps = { undo: 0, redo: 0 };
  const hold = () => {
    const { reading } = tracer.store.getState();
    const { url, info } = engine.store.getState();
    if (!reading || !info) return;
    dictionary = dictionaryOf(url, info);
    given = null;
    swaps = { undo: 0, redo: 0 };
    store.setState({ held: reading, note: null });
  };
  const stopEngine = engine.store.subscribe(({ lens, info, url }, before) => {
    if (!lens || !info || lens === before.lens) return;
    if (store.getState().held && dictionaryOf(url, info) !== dictionary) {
      given = null;
      store.setState({
        held: null,
        note: 'Text A was read by another model or dictionary, and is released: ids do not carry over.',
      });
    }
  });
  // The note was about the previous comparison.
  const stopTracer = tracer.store.subscribe((now, before) => {
    if (now.text !== before.text && store.getState().note) store.setState({ note: null });
  });
  return {
    store,
    hold,
    release: () => {
      given = null;
      store.setState({ held: null, note: null });
    },
    swap: async () => {
      const { held } = store.getState();
      if (!held || !tracer.store.getState().reading) return;
      const undo = swaps.undo + 1;
      hold();
      given = held;
      swaps = { undo, redo: 0 };
      await show(held.text);
    },
    restored: (by, from, to) => {
      const { held } = store.getState();
      if (!swaps[by] || held?.text !== to || given?.text !== from) return;
      swaps[by]--;
      swaps[by === 'undo' ? 'redo' : 'undo']++;
      store.setState({ held: given });
      given = held;
    },
    set: (by) => store.setState({ by }),
    stop: () => {
      stopEngine();
      stopTracer();
    },
  };
}

interface ContrastRow {
  id: number;
  a: number;
  b: number;
  /** b - a. */
  difference: number;
}

interface ContrastList {
  rows: ContrastRow[];
  /** Features active in A or B, and how many of them are left out as dense. */
  active: number;
  dense: number;
  /** Tokens that count of either. */
  tokens: { a: number; b: number };
}

interface ContrastOptions {
  by: ContrastBy;
  /** Count position 0 too, an attention sink. */
  first: boolean;
  hidden?: (feature: number) => boolean;
  top: number;
}

/** Features by how much they differ between two texts, largest |B − A| first, ties by lower id. */
export function contrastOf(
  a: SiteCodes,
  b: SiteCodes,
  { by, first, hidden = () => false, top }: ContrastOptions,
): ContrastList {
  const [inA, inB] = [averages(a, by, first), averages(b, by, first)];
  const active = [...new Set([...inA.of.keys(), ...inB.of.keys()])];
  const rows = active
    .filter((id) => !hidden(id))
    .map((id) => {
      const [before, after] = [inA.of.get(id) ?? 0, inB.of.get(id) ?? 0];
      return { id, a: before, b: after, difference: after - before };
    });
  rows.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference) || x.id - y.id);
  return {
    rows: rows.slice(0, top),
    active: active.length,
    dense: active.length - rows.length,
    tokens: { a: inA.tokens, b: inB.tokens },
  };
}

/** Mean latent, or share of tokens, of every feature that is active in a text. */
function averages(codes: SiteCodes, by: ContrastBy, first: boolean): { of: Map<number, number>; tokens: number } {
  const positions = positionsOf(codes.fvu.length, null, first);
  const of = new Map<number, number>();
  for (const position of positions) {
    for (const [id, value] of activeAt(codes, position))
      of.set(id, (of.get(id) ?? 0) + (by === 'mean' ? value : 1) / positions.length);
  }
  return { of, tokens: positions.length };
}
