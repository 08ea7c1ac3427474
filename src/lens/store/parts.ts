import { DamagedStoreError, StoreUnavailableError } from '../api/errors';
import { sha256 } from '../formats/sha256';
import { storageError } from './quota';

/** A file of the store, named by its content. */
export interface PartRef {
  /** In lower-case hex. */
  sha256: string;
  bytes: number;
}

/** Times to wait, 100 to 1,600 ms, for another tab to finish the same part. */
const PATIENCE = 5;

/** Files named by their SHA-256 in one folder of the browser's own file system. A part whose writing was cut has
 *  another length than its name was recorded with, and counts as absent; one whose bytes changed is found whenever it
 *  is read. Several tabs may write at once: they write the same bytes. */
export class Parts {
  private readonly folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.folder = folder;
  }

  /** Keeps the bytes; nothing is written where they are kept already. Throws StorageFullError,
   *  StoreUnavailableError. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<PartRef> {
    const hash = await sha256(bytes);
    if (hash === null)
      throw new StoreUnavailableError(
        `A part of ${bytes.length} bytes could not be hashed here. Open this page over https.`,
      );
    const ref = { sha256: hash, bytes: bytes.length };
    if (!(await this.has(ref))) await this.put(ref, bytes);
    return ref;
  }

  /** Whether it is there in its whole length; its content is only looked at by `read`. */
  async has(ref: PartRef): Promise<boolean> {
    const file = await this.file(ref.sha256);
    return file !== null && file.size === ref.bytes;
  }

  /** A fresh array. Throws DamagedStoreError where the part is missing or is not what was written; a damaged one is
   *  removed. */
  async read(ref: PartRef): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.file(ref.sha256);
    if (file === null) throw damaged(ref, 'is missing');
    // A wrong length is not loaded: it may be any.
    const bytes = file.size === ref.bytes ? await contentOf(file) : null;
    if (bytes !== null && (await sha256(bytes)) === ref.sha256) return bytes;
    await this.remove(ref.sha256);
    throw damaged(ref, bytes === null ? `has ${file.size} bytes instead of ${ref.bytes}` : 'is not what was written');
  }

  /** Whether `read` would give it; a damaged one is removed. */
  async sound(ref: PartRef): Promise<boolean> {
    try {
      await this.read(ref);
      return true;
    } catch (error) {
      if (error instanceof DamagedStoreError) return false;
      throw error;
    }
  }

  /** Bytes that this freed; 0 where there is no such part, or where it is just being written. */
  async remove(hash: string): Promise<number> {
    const file = await this.file(hash);
    if (file === null) return 0;
    const { size } = file;
    try {
      await this.folder.removeEntry(hash);
      return size;
    } catch (error) {
      if (isNamed(error, 'NotFoundError', 'NoModificationAllowedError', 'InvalidStateError')) return 0;
      throw storageError(error);
    }
  }

  /** Names of all that is in the folder. */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of this.folder.keys()) names.push(name);
    return names;
  }

  private async file(hash: string): Promise<File | null> {
    try {
      return await (await this.folder.getFileHandle(hash)).getFile();
    } catch (error) {
      if (isNamed(error, 'NotFoundError')) return null;
      throw storageError(error);
    }
  }

  private async put(ref: PartRef, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const handle = await this.folder.getFileHandle(ref.sha256, { create: true });
        await (isSync(handle) ? writeSync(handle, bytes) : writeWhole(handle, bytes));
        return;
      } catch (error) {
        const busy = isNamed(error, 'NoModificationAllowedError');
        if (!busy || attempt >= PATIENCE) throw storageError(error);
        // Another tab writes it, and what it writes is the same.
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
        if (await this.has(ref)) return;
      }
    }
  }
}

/** What a worker has and a page has not; TypeScript's library of pages leaves it out. */
interface SyncHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

const isSync = (handle: FileSystemFileHandle): handle is SyncHandle => 'createSyncAccessHandle' in handle;

/** In place, so that a cut leaves a short file. */
async function writeSync(handle: SyncHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    while (at < bytes.length) {
      const written = access.write(bytes.subarray(at), { at });
      if (written <= 0) throw new DOMException('Nothing more could be written.', 'QuotaExceededError');
      at += written;
    }
    access.flush();
  } finally {
    access.close();
  }
}

/** The browser puts it in place when it is closed. */
async function writeWhole(handle: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writable = await handle.createWritable();
  try {
    await writable.write(bytes);
  } catch (error) {
    await writable.abort().catch(() => undefined);
    throw error;
  }
  await writable.close();
}

async function contentOf(file: File): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    // It was written or removed since it was looked up.
    if (isNamed(error, 'NotReadableError', 'NotFoundError')) return null;
    throw storageError(error);
  }
}

function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof DOMException && names.includes(error.name);
}

function damaged({ sha256: hash }: PartRef, why: string): DamagedStoreError {
  return new DamagedStoreError(
    `The kept part ${hash.slice(0, 12)}… ${why}. Open the model again: only what is missing is fetched.`,
    { part: hash },
  );
}
