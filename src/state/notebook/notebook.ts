import { createStore, type StoreApi } from 'zustand/vanilla';
import { createRecordKeeper, opening, type RecordsState } from '../base/records';
import { type FeatureKey, keyOf } from '../features/feature-key';
import type { NotebookDb } from './db';
import { isEmpty, LONGEST_NOTE, MOST_RUNS, settleName } from './limits';
import { type Entry, type NotebookFile, newestFirst, planId, type RunRecord, runId, withRun } from './record';

interface NotebookState extends RecordsState {
  /** By `keyOf`, of all dictionaries. */
  entries: ReadonlyMap<string, Entry>;
  /** Newest first, one a plan. */
  runs: readonly RunRecord[];
  /** What was deleted last, until it is put back or something else is deleted. */
  removed: NotebookFile | null;
}

export type NotePatch = { pinned?: boolean; name?: string; note?: string };

export interface Notebook {
  store: StoreApi<NotebookState>;
  /** Resolves once the kept records are here, or cannot be had. Never rejects. */
  ready: Promise<void>;
  /** Changes the reader's notes on a feature; an entry with nothing left is removed. */
  note(feature: FeatureKey, patch: NotePatch): void;
  record(run: RunRecord): void;
  removeEntry(key: string): void;
  removeRun(id: string): void;
  clear(): void;
  /** Takes the last deletion back. What has been written since stays. */
  putBack(): void;
  /** Adds another notebook. Of two entries on one feature the later counts; of the runs, the newest. Deletes no
   *  entry. */
  merge(file: NotebookFile): Merged;
  /** Writes now what waits. */
  flush(): Promise<void>;
  close(): void;
}

export interface Merged {
  entries: number;
  runs: number;
  /** Entries and runs of the file that are not here now: they were older than what is here, or the same. */
  older: number;
}

/** A notebook over a place to keep it. It is usable at once; kept records come in when `open` is through. If `open`
 *  fails, everything works in memory. Typing is written `pause` milliseconds after the first letter that waits,
 *  everything else at once. */
export function createNotebook(
  open: () => Promise<NotebookDb>,
  { pause = 300, now = () => new Date().toISOString() } = {},
): Notebook {
  const store = createStore<NotebookState>(() => ({ entries: new Map(), runs: [], removed: null, ...opening }));

  const keeper = createRecordKeeper<{ entries: Entry; runs: RunRecord }>(open, {
    kinds: ['entries', 'runs'],
    parsers: async () => {
      const { parseEntry, parseRun } = await import('./format');
      return {
        entries: (value) => keyed(keyOf, parseEntry(value, 'notebook')),
        runs: (value) => keyed(runId, parseRun(value, 'notebook')),
      };
    },
    settle: (kept) => settled(kept, now()),
    show: ({ entries, runs }) => store.setState({ entries, runs: [...runs.values()] }),
    state: store.getState,
    says: store.setState,
  });

  /** Sets the new state, and writes all that differs from the one before. */
  const change = (next: NotebookRecords & Partial<NotebookState>, wait = 0) => {
    const { entries, runs } = store.getState();
    store.setState(next);
    keeper.changed({ entries, runs: byId(runs) }, { entries: next.entries, runs: byId(next.runs) }, wait);
  };

  const remove = (goes: NotebookFile) => {
    const { entries, runs } = store.getState();
    const gone = new Set<unknown>([...goes.entries, ...goes.runs]);
    change({
      entries: new Map([...entries].filter(([, entry]) => !gone.has(entry))),
      runs: runs.filter((run) => !gone.has(run)),
      removed: goes,
    });
  };

  return {
    store,
    ready: keeper.ready,
    note: (feature, patch) => {
      const { entries, runs } = store.getState();
      change({ entries: noted(entries, feature, patch, now()), runs }, patch.note === undefined ? 0 : pause);
    },
    record: (run) => change({ entries: store.getState().entries, runs: withRun(store.getState().runs, run) }),
    removeEntry: (key) => {
      const entry = store.getState().entries.get(key);
      if (entry) remove({ entries: [entry], runs: [] });
    },
    removeRun: (id) => remove({ entries: [], runs: store.getState().runs.filter((run) => runId(run) === id) }),
    clear: () => remove({ entries: [...store.getState().entries.values()], runs: [...store.getState().runs] }),
    putBack: () => {
      const { removed, entries, runs } = store.getState();
      if (!removed) return;
      const kept = new Map(removed.entries.map((entry) => [keyOf(entry), entry]));
      change({
        entries: new Map([...kept, ...entries]),
        runs: [...removed.runs].reverse().reduce(withRun, runs),
        removed: null,
      });
    },
    merge: (file) => {
      const { older, ...next } = withFile(store.getState(), file, now());
      change(next);
      return { entries: file.entries.length, runs: file.runs.length, older };
    },
    flush: keeper.flush,
    close: keeper.close,
  };
}

type NotebookRecords = Pick<NotebookState, 'entries' | 'runs'>;

/** Moves times in the future, which a fast clock or a file may have left, to `time`: they would win over everything
 *  written later. Keeps at most MOST_RUNS runs, since two tabs may each have kept that many. */
function settled(kept: { entries: NotebookRecords['entries']; runs: ReadonlyMap<string, RunRecord> }, time: string) {
  const entries = new Map(
    [...kept.entries].map(([key, entry]) => [key, entry.updated > time ? { ...entry, updated: time } : entry]),
  );
  const runs = [...kept.runs.values()].map((run) => (run.at > time ? { ...run, at: time } : run));
  return { entries, runs: byId(runs.sort(newestFirst).slice(0, MOST_RUNS)) };
}

/** The entries with one changed. */
function noted(
  entries: NotebookRecords['entries'],
  { model, layer, feature, sha256 }: FeatureKey,
  { pinned, name, note }: NotePatch,
  updated: string,
): Map<string, Entry> {
  const own = { model, layer, feature, sha256 };
  const key = keyOf(own);
  const entry: Entry = { pinned: null, name: null, note: '', ...entries.get(key), ...own, updated };
  if (pinned !== undefined) entry.pinned = pinned ? (entry.pinned ?? updated) : null;
  if (name !== undefined) entry.name = settleName(name);
  if (note !== undefined) entry.note = note.slice(0, LONGEST_NOTE);
  const next = new Map(entries);
  if (isEmpty(entry)) next.delete(key);
  else next.set(key, entry);
  return next;
}

/** What is here, merged with a file. A time in the future would win over everything written later, so it wins over
 *  nothing and becomes `time`. */
function withFile(
  { entries, runs }: NotebookRecords,
  file: NotebookFile,
  time: string,
): NotebookRecords & Pick<Merged, 'older'> {
  const next = new Map(entries);
  let older = 0;
  for (const read of file.entries) {
    const toCome = read.updated > time;
    const own = next.get(keyOf(read));
    if (own && (toCome || own.updated >= read.updated)) older++;
    else next.set(keyOf(read), toCome ? { ...read, updated: time } : read);
  }
  let merged = runs;
  for (const run of file.runs) {
    const toCome = run.at > time;
    const own = merged.find((one) => planId(one) === planId(run));
    if (!own || !(toCome || own.at >= run.at)) merged = withRun(merged, toCome ? { ...run, at: time } : run);
  }
  const mine = new Set(runs);
  older += file.runs.length - merged.filter((run) => !mine.has(run)).length;
  return { entries: next, runs: merged, older };
}

const byId = (runs: readonly RunRecord[]): Map<string, RunRecord> => new Map(runs.map((run) => [runId(run), run]));

const keyed = <T>(key: (record: T) => string, record: T): readonly [string, T] => [key(record), record];
