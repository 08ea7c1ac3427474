import type { RecordsDb } from './records-db';

/** Records by key, a map a kind. */
type Kinds<C> = { readonly [K in keyof C]: ReadonlyMap<string, C[K]> };

export interface RecordsState {
  /** `kept`: in this browser; `tab`: it does not let us, all is kept until the tab is closed. */
  storage: 'opening' | 'kept' | 'tab';
  /** Whether something is not written yet. */
  saving: boolean;
}

export const opening: RecordsState = { storage: 'opening', saving: false };

interface Options<C> {
  kinds: readonly (keyof C & string)[];
  /** Loads what makes key and record of what was kept, by kind. A parser throws for what is none; it stays where it is,
   *  unread. */
  parsers(): Promise<{ [K in keyof C]: (value: unknown) => readonly [key: string, record: C[K]] }>;
  /** What of all that is kept stays, and in which form. The difference is written. */
  settle(kept: Kinds<C>): Kinds<C>;
  /** What was read takes the place of what is on show. */
  show(kept: Kinds<C>): void;
  state(): RecordsState;
  says(state: Partial<RecordsState>): void;
}

/** Keeps what a store shows in a database behind it. */
export interface RecordKeeper<C> {
  /** What was kept is here, or cannot be had. Never rejects. */
  ready: Promise<void>;
  /** All that differs between two states of the store is to be written: `wait` ms after the first change that waits, or
   *  now. */
  changed(before: Kinds<C>, after: Kinds<C>, wait?: number): void;
  /** Writes now what waits. */
  flush(): Promise<void>;
  close(): void;
}

/** The store is at hand at once, and what was kept comes in when `open` is through; where that fails all works in
 *  memory. What has not been written lies over what is read, in whatever order the two come; what a write could not
 *  keep is written with the next. */
export function createRecordKeeper<C extends Record<string, object>>(
  open: () => Promise<RecordsDb<keyof C & string>>,
  options: Options<C>,
): RecordKeeper<C> {
  const { kinds, says } = options;
  const unwritten = createUnwritten<C>(kinds);
  const inTurn = createTurns();
  let db: RecordsDb<keyof C & string> | null = null;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return inTurn(async () => {
      if (!db || !unwritten.waits()) return;
      const kept = await unwritten.write(db);
      if (kept) says(unwritten.waits() ? { saving: true } : { storage: 'kept', saving: false });
      else says({ storage: 'tab', saving: false });
    });
  };

  /** What is kept, under what has not been written yet. */
  const read = async () => {
    const kept = await db!.read();
    // Whoever has kept nothing loads no parser.
    const parse = kinds.some((kind) => kept[kind].length > 0) ? await options.parsers() : null;
    const all = Object.fromEntries(
      kinds.map((kind) => [kind, parse ? sound(kept[kind], parse[kind]) : new Map()]),
    ) as Maps<C>;
    unwritten.layOver(all);
    const settled = options.settle(all);
    unwritten.note(all, settled);
    options.show(settled);
    if (!unwritten.waits()) says({ storage: 'kept' });
  };

  let asked = false;
  const readAgain = () => {
    // One reading that waits sees all that has been written before it.
    if (asked) return;
    asked = true;
    const reading = inTurn(() => {
      asked = false;
      return read();
    });
    // Where it cannot be read what is shown stays, until the next reading.
    void reading.then(flush, () => undefined);
  };

  const begin = async () => {
    try {
      db = await open();
      if (closed) {
        db.close();
        return;
      }
      db.onChange(readAgain);
      await inTurn(read);
      await flush();
    } catch {
      says({ storage: 'tab', saving: false });
    }
  };

  return {
    ready: begin(),
    changed: (before, after, wait = 0) => {
      unwritten.note(before, after);
      if (!db && options.state().storage === 'tab') return;
      says({ saving: true });
      if (wait) timer ??= setTimeout(() => void flush(), wait);
      else void flush();
    },
    flush,
    close: () => {
      closed = true;
      void flush().then(() => db?.close());
    },
  };
}

/** Readings and writings one after the other: what is read must not be older than what was taken as written. */
function createTurns(): (task: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (task) => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };
}

type Maps<C> = { [K in keyof C]: Map<string, C[K]> };
/** Null: the record is to go. */
type Changed<C> = { [K in keyof C]: Map<string, C[K] | null> };

/** What differs from what is kept and has not been written. */
function createUnwritten<C extends Record<string, object>>(kinds: readonly (keyof C & string)[]) {
  const each = <M>(make: (kind: keyof C & string) => M) =>
    Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as { [K in keyof C]: M };
  const nothing = () => each(() => new Map()) as Changed<C>;
  let all = nothing();
  return {
    waits: () => kinds.some((kind) => all[kind].size > 0),
    note: (before: Kinds<C>, after: Kinds<C>) => {
      for (const kind of kinds) differences(before[kind], after[kind], all[kind]);
    },
    /** False where it could not be written: a later change tries again, with all that has not been. */
    write: async (db: RecordsDb<keyof C & string>): Promise<boolean> => {
      const mine = all;
      all = nothing();
      try {
        await db.write(mine);
        return true;
      } catch {
        all = each((kind) => new Map([...mine[kind], ...all[kind]])) as Changed<C>;
        return false;
      }
    },
    layOver: (kept: Maps<C>) => {
      for (const kind of kinds) overlay<object>(kept[kind], all[kind]);
    },
  };
}

/** Notes in `into` what differs between two states of a kind. */
function differences<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  into: Map<string, T | null>,
): void {
  for (const key of before.keys()) if (!after.has(key)) into.set(key, null);
  for (const [key, value] of after) if (before.get(key) !== value) into.set(key, value);
}

function overlay<T>(onto: Map<string, T>, changes: ReadonlyMap<string, T | null>): void {
  for (const [key, value] of changes) {
    if (value === null) onto.delete(key);
    else onto.set(key, value);
  }
}

/** Those records that are what they should be. */
function sound<T>(records: readonly unknown[], parse: (value: unknown) => readonly [string, T]): Map<string, T> {
  const all = new Map<string, T>();
  for (const record of records) {
    try {
      all.set(...parse(record));
    } catch {
      // Another version's.
    }
  }
  return all;
}
