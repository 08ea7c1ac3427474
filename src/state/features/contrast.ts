import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Prompt } from '../../lens/api/chat';
import type { LensInfo } from '../../lens/api/lens';
import type { SiteCodes } from '../../lens/api/site';
import type { ModelSession } from '../model/session';
import { promptOf, samePrompt } from '../reading/prompt';
import { activeAt } from '../reading/rank';
import type { Reading, Tracer } from '../reading/trace';

/** Two spans of one conversation, as Edit.where writes them. */
export interface Between {
  a: string;
  b: string;
}

/** What two texts are compared by: the mean latent over tokens, or the share of tokens on which the feature is
 *  active. */
type ContrastBy = 'mean' | 'rate';

interface ContrastState {
  /** Text A with its codes at all sites; B is always what the prompt box holds. */
  held: Reading | null;
  /** What is compared in place of two texts: A and B are spans of the conversation on show. */
  between: Between | null;
  by: ContrastBy;
  /** Why the page released a text that was held. */
  note: string | null;
}

/** What is read; `bos` counts for a text alone. */
export type Asked = Pick<Reading, 'prompt' | 'bos'>;

export const sameAsked = (a: Asked, b: Asked): boolean =>
  samePrompt(a.prompt, b.prompt) && (typeof a.prompt !== 'string' || a.bos === b.bos);

export interface Contrast {
  store: StoreApi<ContrastState>;
  /** Holds the present reading as A. */
  hold(): void;
  release(): void;
  /** B becomes A, and what A was read from the prompt, traced. */
  swap(): Promise<void>;
  /** Undo or redo brings the page from one prompt to another. If that reverses or repeats a swap, A is exchanged
   *  too. */
  restored(by: 'undo' | 'redo', from: Asked, to: Asked): void;
  set(by: ContrastBy): void;
  /** Compares two spans, or for null two texts again. */
  compare(between: Between | null): void;
  stop(): void;
}

/** Names the model and dictionaries that codes belong to: by their files' hashes if known, else by their folder. */
const dictionaryOf = (url: string, { sha256, sites }: LensInfo): string =>
  JSON.stringify([sha256 ?? url, ...sites.map((site) => [site.layer, site.width, site.k, site.sha256 ?? url])]);

/** `show` brings the page to a prompt, traced. */
export function createContrast(
  engine: ModelSession,
  tracer: Tracer,
  show: (prompt: Prompt, bos?: boolean) => Promise<void>,
): Contrast {
  const store = createStore<ContrastState>(() => ({ held: null, between: null, by: 'mean', note: null }));
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
    const another = now.bos !== before.bos || !samePrompt(promptOf(now), promptOf(before));
    if (another && store.getState().note) store.setState({ note: null });
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
      const puts = typeof held.prompt === 'string' && engine.store.getState().info?.bos != null;
      await show(held.prompt, puts ? held.bos : undefined);
    },
    restored: (by, from, to) => {
      const puts = (engine.store.getState().info?.bos ?? null) !== null;
      const is = (one: Asked, { prompt, bos }: Asked) => sameAsked(one, { prompt, bos: bos && puts });
      const { held } = store.getState();
      if (!swaps[by] || !held || !given || !is(held, to) || !is(given, from)) return;
      swaps[by]--;
      swaps[by === 'undo' ? 'redo' : 'undo']++;
      store.setState({ held: given });
      given = held;
    },
    set: (by) => store.setState({ by }),
    compare: (between) => store.setState({ between }),
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

/** Codes, and the positions of them that count. */
export interface Side {
  codes: SiteCodes;
  positions: readonly number[];
}

interface ContrastOptions {
  by: ContrastBy;
  hidden?: (feature: number) => boolean;
  top: number;
}

/** Features by how much they differ between two texts or spans, largest |B − A| first, ties by lower id. */
export function contrastOf(a: Side, b: Side, { by, hidden = () => false, top }: ContrastOptions): ContrastList {
  const [inA, inB] = [averages(a, by), averages(b, by)];
  const active = [...new Set([...inA.keys(), ...inB.keys()])];
  const rows = active
    .filter((id) => !hidden(id))
    .map((id) => {
      const [before, after] = [inA.get(id) ?? 0, inB.get(id) ?? 0];
      return { id, a: before, b: after, difference: after - before };
    });
  rows.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference) || x.id - y.id);
  return {
    rows: rows.slice(0, top),
    active: active.length,
    dense: active.length - rows.length,
    tokens: { a: a.positions.length, b: b.positions.length },
  };
}

/** Mean latent, or share of tokens, of every feature that is active at the positions. */
function averages({ codes, positions }: Side, by: ContrastBy): Map<number, number> {
  const of = new Map<number, number>();
  for (const position of positions) {
    for (const [id, value] of activeAt(codes, position))
      of.set(id, (of.get(id) ?? 0) + (by === 'mean' ? value : 1) / positions.length);
  }
  return of;
}
