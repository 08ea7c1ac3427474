import { openDB } from 'idb';

/** Records by key; null: it is to go. */
export type Changes = ReadonlyMap<string, unknown>;

/** Where a notebook is kept. What is read may be of any form: another version of the page may have written it. */
export interface NotebookDb {
  read(): Promise<{ entries: unknown[]; runs: unknown[] }>;
  /** All of it or none. */
  write(entries: Changes, runs: Changes): Promise<void>;
  /** Another tab has written. */
  onChange(listener: () => void): void;
  close(): void;
}

const STORES = ['entries', 'runs'] as const;

/** The browser's own database for this origin. Rejects where storage is closed: private windows, blocked site data, no IndexedDB at all. */
export async function openNotebookDb(name = 'lenslet-notebook'): Promise<NotebookDb> {
  const db = await openDB(name, 1, {
    upgrade: (fresh) => {
      for (const store of STORES) fresh.createObjectStore(store);
    },
    // A newer page in another tab must not wait for this one.
    blocking: (_now, _next, event) => (event.target as IDBDatabase).close(),
  });
  const channel = new BroadcastChannel(name);
  return {
    read: async () => {
      const reading = db.transaction(STORES);
      const [entries, runs] = await Promise.all(STORES.map((store) => reading.objectStore(store).getAll() as Promise<unknown[]>));
      return { entries: entries!, runs: runs! };
    },
    write: async (entries, runs) => {
      const writing = db.transaction(STORES, 'readwrite');
      const put = (store: (typeof STORES)[number], changes: Changes) =>
        [...changes].map(([key, value]) => (value === null ? writing.objectStore(store).delete(key) : writing.objectStore(store).put(value, key)));
      const puts = [...put('entries', entries), ...put('runs', runs)];
      // Asked for now, and not when the puts are through: a page that is being left hears of no put any more.
      writing.commit();
      await Promise.all([...puts, writing.done]);
      channel.postMessage('written');
    },
    onChange: (listener) => {
      channel.onmessage = listener;
    },
    close: () => {
      channel.close();
      db.close();
    },
  };
}
