import type { KeptDb } from './records-db';

/** Records by key, a map a kind. */
export type Kinds<C> = { readonly [K in keyof C]: ReadonlyMap<string, C[K]> };

export interface KeptState {
  /** `kept`: in this browser; `tab`: it does not let us, all is kept until the tab is closed. */
  storage: 'opening' | 'kept' | 'tab';
  /** Whether something is not written yet. */
  saving: boolean;
}

export const opening: KeptState = { storage: 'opening', saving: false };

interface Options<C> {
  kinds: readonly (keyof C & string)[];
  /** Loads what makes key and record of what was kept, by kind. A parser throws for what is none; it stays where it is,
   *  unread. */
  parsers(): Promise<{ [K in keyof C]: (value: unknown) => readonly [key: string, record: C[K]] }>;
  /** What of all that is kept stays, and in which form. The difference is written. */
  settle(kept: Kinds<C>): Kinds<C>;
  /** What was read takes the place of what is on show. */
  show(kept: Kinds<C>): void;
  state(): KeptState;
  says(state: Partial<KeptState>): void;
}

/** Keeps what a store shows in a database behind it. */
export interface Keeper<C> {
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
export function createKeeper<C extends Record<string, object>>(
  open: () => Promise<KeptDb<keyof C & string>>,
  options: Options<C>,
): Keeper<C> {
  const { kinds, says } = options;
  type Unwritten = { [K in keyof C]: Map<string, C[K] | null> };
  const each = <M>(make: (kind: keyof C & string) => M) =>
    Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as { [K in keyof C]: M };
  const nothing = () => each(() => new Map()) as Unwritten;

  let db: KeptDb<keyof C & string> | null = null;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: Promise<void> = Promise.resolve();
  let unwritten = nothing();
  const waits = () => kinds.some((kind) => unwritten[kind].size > 0);
  const note = (before: Kinds<C>, after: Kinds<C>) => {
    for (const kind of kinds) differences(before[kind], after[kind], unwritten[kind]);
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
      unwritten = nothing();
      try {
        await db.write(mine);
        says(waits() ? { saving: true } : { storage: 'kept', saving: false });
      } catch {
        // A later change tries again, with all that has not been written.
        unwritten = each((kind) => new Map([...mine[kind], ...unwritten[kind]])) as Unwritten;
        says({ storage: 'tab', saving: false });
      }
    });
  };

  /** What is kept, under what has not been written yet. */
  const read = async () => {
    const [kept, parse] = await Promise.all([db!.read(), options.parsers()]);
    const all = each((kind) => sound(kept[kind], parse[kind])) as unknown as { [K in keyof C]: Map<string, C[K]> };
    for (const kind of kinds) overlay<object>(all[kind], unwritten[kind]);
    const settled = options.settle(all);
    note(all, settled);
    options.show(settled);
    if (!waits()) says({ storage: 'kept' });
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

  const ready = (async () => {
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
  })();

  return {
    ready,
    changed: (before, after, wait = 0) => {
      note(before, after);
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
