import { LensError, StoreBusyError, StoreUnavailableError, throwIfAborted } from '../api/errors';
import { matches } from '../api/identity';
import type { KeptEntry, LensStore, StoreProgress, StoreUsage } from '../api/model';
import type { ModelRef } from '../api/request';
import { tryLock, type WaitOptions, withLock } from './locks';
import { entryOf, type Manifest, needsAny, partsOf, without } from './manifest';
import { Manifests } from './manifests';
import { Parts } from './parts';
import { type StorageFacts, storageError, usageOf } from './quota';

export interface StoreOptions {
  /** Name of its folder, database and locks. */
  name?: string;
  /** The browser's figures on free space. */
  storage?: StorageFacts;
  /** Receives a sentence for each unreadable entry. */
  report?: (sentence: string) => void;
}

/**
 * Keeps parts in the browser's file system under `lenslet/parts`, and manifests in the database `lenslet-store`. Two
 * locks span all tabs. Readers and installers share `lenslet`; a remover holds it alone, and takes it only if it is
 * free at once. The installer of an entry holds `lenslet <key>`.
 *
 * @internal
 */
export class Store implements LensStore {
  readonly parts: Parts;
  readonly manifests: Manifests;
  readonly storage: StorageFacts;
  private static own: Promise<Store> | null = null;
  private readonly name: string;
  private readonly report: (sentence: string) => void;

  private constructor(
    parts: Parts,
    { name = 'lenslet', storage = navigator.storage, report = console.warn }: StoreOptions,
  ) {
    this.parts = parts;
    this.manifests = new Manifests(`${name}-store`);
    this.storage = storage;
    this.name = name;
    this.report = report;
  }

  /** Throws StoreUnavailableError. */
  static async open(options: StoreOptions = {}): Promise<Store> {
    if (!globalThis.navigator?.storage?.getDirectory || !globalThis.indexedDB || !globalThis.crypto?.subtle) {
      throw new StoreUnavailableError(
        'This browser keeps no files for this page. Use a current browser, over https, and no private window.',
      );
    }
    try {
      const own = await (await navigator.storage.getDirectory()).getDirectoryHandle(options.name ?? 'lenslet', {
        create: true,
      });
      return new Store(new Parts(await own.getDirectoryHandle('parts', { create: true })), options);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** The one store of this page or worker; opened on first use, and again if opening failed. */
  static shared(): Promise<Store> {
    Store.own ??= Store.open().catch((error: unknown) => {
      Store.own = null;
      throw error;
    });
    return Store.own;
  }

  /** Runs a task that reads parts; meanwhile nobody can remove any. Readers and installers run side by side. */
  reading<T>(task: () => Promise<T>, wait: WaitOptions = {}): Promise<T> {
    return withLock(this.name, 'shared', wait, task);
  }

  /** Runs a task that installs an entry; meanwhile nobody else can install it, in any tab. Calls `onWait` if somebody
   *  is installing it now. */
  installing<T>(key: string, wait: WaitOptions, task: () => Promise<T>): Promise<T> {
    return this.reading(() => withLock(`${this.name} ${key}`, 'exclusive', wait, task), wait);
  }

  /** Finds the entry of a model or dictionary without a network: the newest complete entry, else the newest incomplete
   *  one, else null. For the Hub's `main` it may be an older commit: the one that was fetched. `detail`: a model's
   *  format or a dictionary's `layer{n}`; any if left out. Null for a picked folder at hand: installing it finds the
   *  kept parts. */
  async findStored(kind: Manifest['kind'], ref: ModelRef, detail?: string): Promise<Manifest | null> {
    return (await this.allStored(kind, ref, detail))[0] ?? null;
  }

  /** Like `findStored`, but returns all fitting entries in that order. */
  async allStored(kind: Manifest['kind'], ref: ModelRef, detail?: string): Promise<Manifest[]> {
    const of = (manifest: Manifest) => ref.kind === 'kept' || detail === undefined || manifest.detail === detail;
    const fitting = (await this.all()).filter(
      (manifest) => manifest.kind === kind && matches(manifest, ref) && of(manifest),
    );
    return fitting.sort((a, b) => Number(b.complete) - Number(a.complete) || b.created - a.created);
  }

  /** Whether an entry is complete and each part that it needs has its whole length. Notes the other parts as lost. */
  async whole(manifest: Manifest): Promise<boolean> {
    if (!manifest.complete) return false;
    const missing = await this.missing(manifest);
    await this.lost(missing);
    return !needsAny(manifest, missing);
  }

  /** Hashes of the entry's parts that the store lacks or has in another length. */
  async missing(manifest: Manifest): Promise<Set<string>> {
    const missing = new Set<string>();
    for (const part of partsOf(manifest)) if (!(await this.parts.has(part))) missing.add(part.sha256);
    return missing;
  }

  /** Notes that an entry is being opened. */
  async touch(key: string): Promise<void> {
    await this.manifests.update(key, (manifest) => ({ ...manifest, opened: Date.now() }));
  }

  /** Notes in every complete entry that these parts are gone. Such an entry is then incomplete, unless only files beside
   *  a dictionary are gone; installing it fetches them again. */
  async lost(hashes: ReadonlySet<string>): Promise<void> {
    if (hashes.size === 0) return;
    for (const { key } of await this.all()) await this.manifests.update(key, (manifest) => without(manifest, hashes));
  }

  async list(): Promise<KeptEntry[]> {
    return (await this.all()).map(entryOf).sort((a, b) => b.opened - a.opened);
  }

  async usage(): Promise<StoreUsage> {
    return usageOf(this.storage);
  }

  /** Throws StoreBusyError if somebody is installing the entry. */
  async verify(
    key: string,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (p: StoreProgress) => void } = {},
  ): Promise<number> {
    const done = await this.reading(
      () => tryLock(`${this.name} ${key}`, 'exclusive', () => this.verifyParts(key, signal, onProgress)),
      { signal },
    );
    if (!done) throw busy('It is being downloaded in another tab. Verify it when that is through.');
    return done.value;
  }

  async remove(key: string): Promise<number> {
    const done = await tryLock(this.name, 'exclusive', async () => {
      await this.manifests.delete(key);
      return this.sweepUnnamed();
    });
    if (!done) throw busy('Another tab downloads into the store or reads from it. Delete when that is through.');
    return done.value;
  }

  /** Removes the parts that no entry names. Returns the bytes freed; 0 if somebody is reading or installing. */
  async sweep(): Promise<number> {
    return (await tryLock(this.name, 'exclusive', () => this.sweepUnnamed()))?.value ?? 0;
  }

  private async verifyParts(
    key: string,
    signal?: AbortSignal,
    onProgress?: (p: StoreProgress) => void,
  ): Promise<number> {
    const manifest = await this.manifests.get(key);
    if (!manifest) throw new LensError('There is no such entry in this browser’s store.', { key });
    const parts = partsOf(manifest);
    const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const bad = new Set<string>();
    let loaded = 0;
    try {
      for (const part of parts) {
        throwIfAborted(signal);
        if (!(await this.parts.sound(part))) bad.add(part.sha256);
        loaded += part.bytes;
        onProgress?.({ loaded, total });
      }
    } finally {
      await this.lost(bad);
    }
    return bad.size;
  }

  private async sweepUnnamed(): Promise<number> {
    const { sound, damaged } = await this.manifests.all();
    for (const key of damaged) await this.manifests.delete(key);
    const named = new Set(sound.flatMap(partsOf).map(({ sha256 }) => sha256));
    let freed = 0;
    for (const name of await this.parts.names()) if (!named.has(name)) freed += await this.parts.remove(name);
    return freed;
  }

  private async all(): Promise<Manifest[]> {
    const { sound, damaged } = await this.manifests.all();
    for (const key of damaged)
      this.report(`An entry of this browser's store cannot be read and counts as absent: ${key.slice(0, 300)}`);
    return sound;
  }
}

/** This browser's store, for a page or a worker; opened on first use. */
export function lensStore(open: () => Promise<LensStore> = Store.shared): LensStore {
  return {
    list: async () => (await open()).list(),
    usage: async () => (await open()).usage(),
    verify: async (key, how) => (await open()).verify(key, how),
    remove: async (key) => (await open()).remove(key),
  };
}

function busy(why: string): StoreBusyError {
  return new StoreBusyError(why);
}
