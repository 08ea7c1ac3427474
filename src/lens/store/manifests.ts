import { type IDBPDatabase, openDB } from 'idb';
import { DamagedStoreError } from '../api/errors';
import { type Manifest, parseManifest } from './manifest';
import { storageError } from './quota';

const STORE = 'manifests';

/** The manifests of a store, by key, in their own database. An unreadable manifest counts as absent. */
export class Manifests {
  private readonly name: string;
  private opened: Promise<IDBPDatabase> | null = null;

  constructor(name: string) {
    this.name = name;
  }

  async get(key: string): Promise<Manifest | null> {
    const value: unknown = await this.run((db) => db.get(STORE, key));
    return value === undefined ? null : sound(value, key);
  }

  /** Returns the manifests that it can read, and the keys of the others. */
  async all(): Promise<{ sound: Manifest[]; damaged: string[] }> {
    const [keys, values] = await this.run(async (db) => {
      const reading = db.transaction(STORE);
      return Promise.all([reading.store.getAllKeys(), reading.store.getAll() as Promise<unknown[]>]);
    });
    const damaged: string[] = [];
    const manifests: Manifest[] = [];
    keys.forEach((key, i) => {
      const manifest = sound(values[i], key);
      if (manifest) manifests.push(manifest);
      else damaged.push(String(key));
    });
    return { sound: manifests, damaged };
  }

  async put(manifest: Manifest): Promise<void> {
    await this.run((db) => db.put(STORE, manifest, manifest.key));
  }

  /** Reads and writes in one transaction, so that no other tab writes in between. If `change` returns null, it writes
   *  nothing. */
  async update(key: string, change: (manifest: Manifest) => Manifest | null): Promise<void> {
    await this.run(async (db) => {
      const writing = db.transaction(STORE, 'readwrite');
      const value: unknown = await writing.store.get(key);
      const before = value === undefined ? null : sound(value, key);
      const after = before && change(before);
      if (after) await writing.store.put(after, key);
      await writing.done;
    });
  }

  async delete(key: string): Promise<void> {
    await this.run((db) => db.delete(STORE, key));
  }

  async close(): Promise<void> {
    (await this.opened)?.close();
    this.opened = null;
  }

  /** Opens the database if it is closed: the browser closes it when its data are cleared or when a newer page in
   *  another tab changes it. */
  private async run<T>(task: (db: IDBPDatabase) => Promise<T>): Promise<T> {
    const forget = () => {
      this.opened = null;
    };
    this.opened ??= openDB(this.name, 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore(STORE);
      },
      blocking: (_now, _next, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    });
    try {
      return await task(await this.opened);
    } catch (error) {
      forget();
      throw storageError(error);
    }
  }
}

function sound(value: unknown, key: IDBValidKey): Manifest | null {
  try {
    const manifest = parseManifest(value);
    return manifest.key === key ? manifest : null;
  } catch (error) {
    if (error instanceof DamagedStoreError) return null;
    throw error;
  }
}
