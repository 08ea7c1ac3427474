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
  /** Loads the parsers, by kind. A parser turns a kept value into key and record. It throws for a value that is no
   *  record; the database keeps that value, unread. */
  parsers(): Promise<{ [K in keyof C]: (value: unknown) => readonly [key: string, record: C[K]] }>;
  /** Returns the records that stay, in the form to keep. The keeper writes the difference. */
  settle(kept: Kinds<C>): Kinds<C>;
  /** Replaces the records on show by those that were read. */
  show(kept: Kinds<C>): void;
  state(): RecordsState;
  says(state: Partial<RecordsState>): void;
}

/** Keeps what a store shows in a database behind it. */
export interface RecordKeeper<C> {
  /** Resolves once the kept records are here, or cannot be had. Never rejects. */
  ready: Promise<void>;
  /** Writes all differences between two states of the store, now or `wait` ms after the first change that waits. */
  changed(before: Kinds<C>, after: Kinds<C>, wait?: number): void;
  /** Writes now what waits. */
  flush(): Promise<void>;
  close(): void;
}

/** The store is usable at once; kept records come in when `open` is through. If `open` fails, everything works in
 *  memory. Unwritten changes win over records that are read, whichever come first. Changes that a write could not keep
 *  are written with the next. */
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

  /** Reads the kept records and lays the unwritten changes over them. */
  const read = async () => {
    const kept = await db!.read();
    // An empty database needs no parser.
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
    // A reading that waits will see everything written before it.
    if (asked) return;
    asked = true;
    const reading = inTurn(() => {
      asked = false;
      return read();
    });
    // If reading fails, what is on show stays until the next reading.
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

/** Runs readings and writings one after the other, so that no reading is older than a finished write. */
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

/** Collects the changes that have not been written. */
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
    /** False if the write failed: a later change tries again, with everything unwritten. */
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

/** Parses the records and leaves out those that do not parse. */
function sound<T>(records: readonly unknown[], parse: (value: unknown) => readonly [string, T]): Map<string, T> {
  const all = new Map<string, T>();
  for (const record of records) {
    try {
      all.set(...parse(record));
    } catch {
      // Written by another version of the page.
    }
  }
  return all;
}
