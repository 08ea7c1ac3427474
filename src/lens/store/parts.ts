import { DamagedStoreError, StoreUnavailableError } from '../api/errors';
import { sha256 } from '../formats/sha256';
import { storageError } from './quota';

/** A file of the store, named by its content. */
export interface PartRef {
  /** In lower-case hex. */
  sha256: string;
  bytes: number;
}

/** How many times to wait, 100 to 1,600 ms, for another tab to finish the same part. */
const PATIENCE = 5;

/** Files named by their SHA-256, in one folder of the browser's own file system. A part whose writing was interrupted
 *  does not have its recorded length, and counts as absent. `read` detects changed bytes. Several tabs may write the
 *  same part at once: they write the same bytes. */
export class Parts {
  private readonly folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.folder = folder;
  }

  /** The name of a part with these bytes. Throws StoreUnavailableError. */
  async refOf(bytes: Uint8Array): Promise<PartRef> {
    const hash = await sha256(bytes);
    if (hash === null)
      throw new StoreUnavailableError(
        `A part of ${bytes.length} bytes could not be hashed here. Open this page over https.`,
      );
    return { sha256: hash, bytes: bytes.length };
  }

  /** Writes the bytes, unless they are there already; `named`: what `refOf` says of them. Throws StorageFullError, StoreUnavailableError. */
  async write(bytes: Uint8Array<ArrayBuffer>, named?: PartRef): Promise<PartRef> {
    const ref = named ?? (await this.refOf(bytes));
    if (!(await this.has(ref))) await this.put(ref, bytes);
    return ref;
  }

  /** Whether the part is there in its whole length; only `read` checks its content. */
  async has(ref: PartRef): Promise<boolean> {
    const file = await this.file(ref.sha256);
    return file !== null && file.size === ref.bytes;
  }

  /** Returns a fresh array. Throws DamagedStoreError if the part is missing or differs from what was written; then it
   *  removes the damaged part. */
  async read(ref: PartRef): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.file(ref.sha256);
    if (file === null) throw damaged(ref, 'is missing');
    // A file of wrong length is not loaded: it may be huge.
    const bytes = file.size === ref.bytes ? await contentOf(file) : null;
    if (bytes !== null && (await sha256(bytes)) === ref.sha256) return bytes;
    await this.remove(ref.sha256);
    throw damaged(ref, bytes === null ? `has ${file.size} bytes instead of ${ref.bytes}` : 'is not what was written');
  }

  /** Bytes [begin, end) of a part that `read` has checked. Throws DamagedStoreError if it is gone. */
  async slice(ref: PartRef, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.file(ref.sha256);
    const bytes = file?.size === ref.bytes ? await contentOf(file.slice(begin, end)) : null;
    if (bytes === null) throw damaged(ref, 'is missing');
    return bytes;
  }

  /** Whether `read` succeeds; removes a damaged part. */
  async sound(ref: PartRef): Promise<boolean> {
    try {
      await this.read(ref);
      return true;
    } catch (error) {
      if (error instanceof DamagedStoreError) return false;
      throw error;
    }
  }

  /** Returns the bytes freed; 0 if there is no such part, or another tab is writing it. */
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

  /** Names of all files in the folder. */
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
        // Another tab is writing the same bytes.
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
        if (await this.has(ref)) return;
      }
    }
  }
}

/** Only workers have this method; TypeScript's library for pages lacks it. */
interface SyncHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

const isSync = (handle: FileSystemFileHandle): handle is SyncHandle => 'createSyncAccessHandle' in handle;

/** Writes in place, so that an interruption leaves a short file. */
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

/** The browser replaces the file only on close. */
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

async function contentOf(file: Blob): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    // The file was written or removed after it was looked up.
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
