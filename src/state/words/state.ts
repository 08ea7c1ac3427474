import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../lens/api/errors';
import type { VerbalizerInfo, VerbalizerSource } from '../../lens/api/verbalizer';
import { keyOf, type VerbalEntry } from './record';

export const SAMPLES = [1, 4, 8] as const;

/** How the next words are made; null: as the source has it. */
export interface VerbalChoice {
  source: VerbalizerSource | null;
  /** Site to read, for a source that reads any. Null: the one on show. */
  layer: number | null;
  samples: number;
  seed: number;
  temperature: number | null;
}

export interface VerbalState {
  /** The sources that can put a vector into words here; null: not asked yet. */
  infos: readonly VerbalizerInfo[] | null;
  /** Why the folder's trained pair is not among them. */
  notice: string | null;
  choice: VerbalChoice;
  /** By `keyOf`. */
  entries: ReadonlyMap<string, VerbalEntry>;
  /** The run under way: vectors in all and those that have their words; bytes while a trained pair is loaded. */
  run: { total: number; done: number; loading: { loaded: number; total: number } | null } | null;
  /** Why the last run failed: one over tokens, or one over a decoder row. */
  error: ErrorData | null;
  rowError: ErrorData | null;
}

export type VerbalStore = StoreApi<VerbalState>;

export const createVerbalStore = (): VerbalStore =>
  createStore<VerbalState>(() => ({
    infos: null,
    notice: null,
    choice: { source: null, layer: null, samples: 1, seed: 16, temperature: null },
    entries: new Map(),
    run: null,
    error: null,
    rowError: null,
  }));

/** The words of a token, or null. */
export const entryAt = (entries: VerbalState['entries'], position: number): VerbalEntry | null =>
  entries.get(`t:${position}`) ?? null;

/** The source that the next press uses. */
export const selectSource = ({ infos, choice }: VerbalState): VerbalizerInfo | null =>
  infos?.find(({ source }) => source === choice.source) ?? infos?.[0] ?? null;

/** The entries without recorded ones of other weights than the open model's. */
export const ofWeights = (entries: VerbalState['entries'], sha256: string | null): VerbalState['entries'] =>
  new Map([...entries].filter(([, { recorded, record }]) => !recorded || record.sha256 === sha256));

export const putEntries = (store: VerbalStore, entries: readonly VerbalEntry[]): void =>
  store.setState(({ entries: before }) => ({
    entries: new Map([...before, ...entries.map((entry) => [keyOf(entry.record.target), entry] as const)]),
  }));
