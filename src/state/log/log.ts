import { createStore, type StoreApi } from 'zustand/vanilla';
import { createRecordKeeper, opening, type RecordKeeper, type RecordsState } from '../base/records';
import { openRecordsDb, type RecordsDb } from '../base/records-db';
import type { VerbalRecord } from '../words/record';
import { entryOf, type LogEntry, MOST_ENTRIES, newestFirst, notAhead, withinRoom } from './record';

interface LogState extends RecordsState {
  /** Newest first, at most MOST_ENTRIES. */
  entries: readonly LogEntry[];
  /** What was deleted last, until it is put back or something else is deleted. */
  removed: readonly LogEntry[] | null;
}

/** Every verbalization that was made on this machine, or brought to it. */
export interface VerbalLog {
  store: StoreApi<LogState>;
  /** Reads what is kept, the first time. Never rejects. */
  need(): Promise<void>;
  /** Adds verbalizations. A record whose id is here already updates its entry, since further samples may have come. In
   *  a full log the oldest entries that are not pinned go. */
  add(records: readonly VerbalRecord[]): void;
  pin(id: string, pinned: boolean): void;
  remove(ids: ReadonlySet<string>): void;
  /** Takes the last deletion back, as far as there is room. What has been added since stays. */
  putBack(): void;
  /** Adds entries from a file. Changes and removes no entry that is here: the newest entries of the file take the free
   *  room. */
  merge(entries: readonly LogEntry[]): Promise<Merged>;
  flush(): Promise<void>;
  close(): void;
}

export interface Merged {
  /** Entries in the file. */
  read: number;
  /** Entries of the file that were not here before. */
  fresh: number;
  /** Fresh entries that found no room. */
  left: number;
}

export type LogDb = RecordsDb<'entries'>;
export const openLogDb = (name = 'lenslet-log'): Promise<LogDb> => openRecordsDb(name, ['entries']);

type Kept = { entries: LogEntry };

/** A log over a place to keep it, which is opened when the log is first needed. */
export function createLog(open: () => Promise<LogDb>, { now = Date.now, most = MOST_ENTRIES } = {}): VerbalLog {
  const store = createStore<LogState>(() => ({ entries: [], removed: null, ...opening }));
  let keeper: RecordKeeper<Kept> | null = null;

  const keep = (): RecordKeeper<Kept> => {
    keeper ??= createRecordKeeper<Kept>(open, {
      kinds: ['entries'],
      parsers: async () => {
        const { parseEntry } = await import('./format');
        return {
          entries: (value) => {
            const entry = parseEntry(value, 'log');
            return [entry.id, entry];
          },
        };
      },
      // Two tabs together may have kept more than the log holds.
      settle: ({ entries }) => ({ entries: byId(withinRoom(inTime([...entries.values()], now()), most)) }),
      show: ({ entries }) => store.setState({ entries: [...entries.values()] }),
      state: store.getState,
      says: store.setState,
    });
    return keeper;
  };

  const change = (entries: readonly LogEntry[], rest: Partial<LogState> = {}) => {
    const before = store.getState().entries;
    store.setState({ ...rest, entries });
    keep().changed({ entries: byId(before) }, { entries: byId(entries) });
  };

  const need = () => keep().ready;

  return {
    store,
    need,
    add: (records) => {
      const all = new Map(byId(store.getState().entries));
      for (const record of records) {
        const was = all.get(record.id);
        all.set(record.id, was ? { ...entryOf(record, was.added), pinned: was.pinned } : entryOf(record, now()));
      }
      change(withinRoom([...all.values()].sort(newestFirst), most));
    },
    pin: (id, pinned) =>
      change(store.getState().entries.map((entry) => (entry.id === id ? { ...entry, pinned } : entry))),
    remove: (ids) => {
      const { entries } = store.getState();
      const removed = entries.filter(({ id }) => ids.has(id));
      if (removed.length)
        change(
          entries.filter(({ id }) => !ids.has(id)),
          { removed },
        );
    },
    putBack: () => {
      const { removed, entries } = store.getState();
      if (!removed) return;
      const here = byId(entries);
      const back = removed.filter(({ id }) => !here.has(id));
      change(withinRoom([...entries, ...back].sort(newestFirst), most), { removed: null });
    },
    merge: async (file) => {
      // Only the kept entries tell which entries of the file are new.
      await need();
      const { entries } = store.getState();
      const here = byId(entries);
      const fresh = inTime([...byId(file.filter(({ id }) => !here.has(id))).values()], now());
      const taken = fresh.slice(0, Math.max(0, most - entries.length));
      if (taken.length) change([...entries, ...taken].sort(newestFirst));
      return { read: file.length, fresh: fresh.length, left: fresh.length - taken.length };
    },
    flush: async () => keeper?.flush(),
    close: () => keeper?.close(),
  };
}

/** Newest first; a time in the future becomes `time`. */
const inTime = (entries: readonly LogEntry[], time: number): LogEntry[] =>
  entries.map((entry) => notAhead(entry, time)).sort(newestFirst);

const byId = (entries: readonly LogEntry[]): Map<string, LogEntry> =>
  new Map(entries.map((entry) => [entry.id, entry]));
