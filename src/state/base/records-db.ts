/** Records by key; null: it is to go. */
type Changes = ReadonlyMap<string, unknown>;

/** Where records are kept, one store per kind. A record may be read in any form, because another version of the page
 *  may have written it. */
export interface RecordsDb<Store extends string> {
  read(): Promise<Record<Store, unknown[]>>;
  /** All of it or none. */
  write(changes: Record<Store, Changes>): Promise<void>;
  /** Another tab has written. */
  onChange(listener: () => void): void;
  close(): void;
}

/** A database of the browser's own for this origin. Rejects where storage is closed: private windows, blocked site
 *  data, no IndexedDB at all. */
export async function openRecordsDb<Store extends string>(
  name: string,
  stores: readonly Store[],
): Promise<RecordsDb<Store>> {
  const { openDB } = await import('idb');
  const db = await openDB(name, 1, {
    upgrade: (fresh) => {
      for (const store of stores) fresh.createObjectStore(store);
    },
    // A newer page in another tab must not wait for this one.
    blocking: (_now, _next, event) => (event.target as IDBDatabase).close(),
  });
  const channel = new BroadcastChannel(name);
  return {
    read: async () => {
      const reading = db.transaction(stores);
      const all = await Promise.all(
        stores.map(async (store) => [store, await reading.objectStore(store).getAll()] as const),
      );
      return Object.fromEntries(all) as Record<Store, unknown[]>;
    },
    write: async (changes) => {
      const writing = db.transaction(stores, 'readwrite');
      const puts = stores.flatMap((store) =>
        [...changes[store]].map(([key, value]) =>
          value === null ? writing.objectStore(store).delete(key) : writing.objectStore(store).put(value, key),
        ),
      );
      // Commit now, not when the puts are through: a page that is being left hears of no put any more.
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
