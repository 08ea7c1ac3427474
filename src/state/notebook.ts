import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NotebookDb } from './notebook-db';
import { type NotebookFile, parseEntry, parseRun } from './notebook-format';
import {
  type Entry,
  type FeatureKey,
  isEmpty,
  keyOf,
  LONGEST_NOTE,
  MOST_RUNS,
  newestFirst,
  type RunRecord,
  runId,
  settleName,
  withRun,
} from './notebook-record';

export interface NotebookState {
  /** By `keyOf`, of all dictionaries. */
  entries: ReadonlyMap<string, Entry>;
  /** Newest first, one a plan. */
  runs: readonly RunRecord[];
  /** `kept`: in this browser; `tab`: it does not let us, all is kept until the tab is closed. */
  storage: 'opening' | 'kept' | 'tab';
  /** Whether something is not written yet. */
  saving: boolean;
  /** What was deleted last, until it is put back or something else is deleted. */
  removed: NotebookFile | null;
}

export type NotePatch = { pinned?: boolean; name?: string; note?: string };

export interface Notebook {
  store: StoreApi<NotebookState>;
  /** What was kept is here, or cannot be had. Never rejects. */
  ready: Promise<void>;
  /** Changes what is kept on a feature; with nothing left there is no entry. */
  note(feature: FeatureKey, patch: NotePatch): void;
  record(run: RunRecord): void;
  removeEntry(key: string): void;
  removeRun(id: string): void;
  clear(): void;
  /** Takes the last deletion back. What has been written since stays. */
  putBack(): void;
  /** Takes in another notebook: of one feature the later entry counts, of the runs the newest. Deletes no entry. */
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

/** A notebook over a place to keep it. It is at hand at once, and what was kept comes in when `open` is through; where that fails all works in memory.
 *  What is typed is written `pause` milliseconds after the first letter that waits, all else at once. */
export function createNotebook(open: () => Promise<NotebookDb>, { pause = 300, now = () => new Date().toISOString() } = {}): Notebook {
  const store = createStore<NotebookState>(() => ({ entries: new Map(), runs: [], storage: 'opening', saving: false, removed: null }));
  let db: NotebookDb | null = null;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: Promise<void> = Promise.resolve();
  let unwritten = { entries: new Map<string, Entry | null>(), runs: new Map<string, RunRecord | null>() };

  const waits = () => unwritten.entries.size + unwritten.runs.size > 0;

  /** The new state, and what of it must be written: all that differs from before. */
  const change = (next: Pick<NotebookState, 'entries' | 'runs'> & Partial<NotebookState>, wait = 0) => {
    const before = store.getState();
    differences(before.entries, next.entries, unwritten.entries);
    differences(byId(before.runs), byId(next.runs), unwritten.runs);
    if (before.storage === 'tab' && !db) {
      store.setState(next);
      return;
    }
    store.setState({ ...next, saving: true });
    if (wait) timer ??= setTimeout(() => void flush(), wait);
    else void flush();
  };

  /** Readings and writings one after the other: what is read must not be older than what was taken as written. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return inTurn(async () => {
      if (!db || !waits()) return;
      const mine = unwritten;
      unwritten = { entries: new Map(), runs: new Map() };
      try {
        await db.write(mine.entries, mine.runs);
        store.setState(waits() ? { saving: true } : { storage: 'kept', saving: false });
      } catch {
        // A later change tries again, with all that has not been written.
        unwritten = { entries: new Map([...mine.entries, ...unwritten.entries]), runs: new Map([...mine.runs, ...unwritten.runs]) };
        store.setState({ storage: 'tab', saving: false });
      }
    });
  };

  /** What is kept, under what has not been written yet. */
  const read = async () => {
    const kept = await db!.read();
    const entries = new Map(sound(kept.entries, parseEntry).map((entry) => [keyOf(entry), entry]));
    const runs = byId(sound(kept.runs, parseRun));
    overlay(entries, unwritten.entries);
    overlay(runs, unwritten.runs);
    // A clock that went ahead, or a file, may have left times that have not come: kept so, they would win over all that will be written.
    const today = now();
    for (const [key, entry] of entries) if (entry.updated > today) mend(entries, unwritten.entries, key, { ...entry, updated: today });
    for (const [key, run] of runs) if (run.at > today) mend(runs, unwritten.runs, key, { ...run, at: today });
    const newest = [...runs.values()].sort(newestFirst);
    // Two tabs may have kept twenty each.
    for (const run of newest.slice(MOST_RUNS)) unwritten.runs.set(runId(run), null);
    store.setState({ entries, runs: newest.slice(0, MOST_RUNS), ...(waits() ? {} : { storage: 'kept' }) });
  };

  const ready = (async () => {
    try {
      db = await open();
      if (closed) {
        db.close();
        return;
      }
      // Where it cannot be read what is shown stays, until the next reading.
      db.onChange(() => void inTurn(read).then(flush, () => undefined));
      await inTurn(read);
      await flush();
    } catch {
      store.setState({ storage: 'tab', saving: false });
    }
  })();

  const remove = (goes: NotebookFile) => {
    const { entries, runs } = store.getState();
    const gone = new Set<unknown>([...goes.entries, ...goes.runs]);
    change({ entries: new Map([...entries].filter(([, entry]) => !gone.has(entry))), runs: runs.filter((run) => !gone.has(run)), removed: goes });
  };

  return {
    store,
    ready,
    note: (feature, { pinned, name, note }) => {
      const { entries, runs } = store.getState();
      const key = keyOf(feature);
      const updated = now();
      const { model, layer, feature: id, sha256 } = feature;
      const entry: Entry = { pinned: null, name: null, note: '', ...entries.get(key), model, layer, feature: id, sha256, updated };
      if (pinned !== undefined) entry.pinned = pinned ? (entry.pinned ?? updated) : null;
      if (name !== undefined) entry.name = settleName(name);
      if (note !== undefined) entry.note = note.slice(0, LONGEST_NOTE);
      const next = new Map(entries);
      if (isEmpty(entry)) next.delete(key);
      else next.set(key, entry);
      change({ entries: next, runs }, note === undefined ? 0 : pause);
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
      change({ entries: new Map([...kept, ...entries]), runs: [...removed.runs].reverse().reduce(withRun, runs), removed: null });
    },
    merge: (file) => {
      const { entries, runs } = store.getState();
      const next = new Map(entries);
      const today = now();
      let older = 0;
      for (const read of file.entries) {
        // A time that has not come yet would win over everything that will be written: it wins over nothing, and becomes now.
        const toCome = read.updated > today;
        const own = next.get(keyOf(read));
        if (own && (toCome || own.updated >= read.updated)) older++;
        else next.set(keyOf(read), toCome ? { ...read, updated: today } : read);
      }
      let merged = runs;
      for (const run of file.runs) {
        const toCome = run.at > today;
        const own = merged.find((one) => runId(one) === runId(run));
        if (!own || !(toCome || own.at >= run.at)) merged = withRun(merged, toCome ? { ...run, at: today } : run);
      }
      const mine = new Set(runs);
      older += file.runs.length - merged.filter((run) => !mine.has(run)).length;
      change({ entries: next, runs: merged });
      return { entries: file.entries.length, runs: file.runs.length, older };
    },
    flush,
    close: () => {
      closed = true;
      void flush().then(() => db?.close());
    },
  };
}

const byId = (runs: readonly RunRecord[]): Map<string, RunRecord> => new Map(runs.map((run) => [runId(run), run]));

/** Notes in `into` what differs between two states of a collection. */
function differences<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>, into: Map<string, T | null>): void {
  for (const key of before.keys()) if (!after.has(key)) into.set(key, null);
  for (const [key, value] of after) if (before.get(key) !== value) into.set(key, value);
}

/** A record as it should have been, which must be written too. */
function mend<T>(all: Map<string, T>, unwritten: Map<string, T | null>, key: string, record: T): void {
  all.set(key, record);
  unwritten.set(key, record);
}

function overlay<T>(onto: Map<string, T>, changes: ReadonlyMap<string, T | null>): void {
  for (const [key, value] of changes) {
    if (value === null) onto.delete(key);
    else onto.set(key, value);
  }
}

/** Those records that are what they should be; the others stay where they are, unread. */
function sound<T>(records: readonly unknown[], parse: (value: unknown, file: string) => T): T[] {
  return records.flatMap((record) => {
    try {
      return [parse(record, 'notebook')];
    } catch {
      return [];
    }
  });
}
