import { LensError, StorageFullError, StoreUnavailableError } from '../api/errors';
import type { StoreUsage } from '../api/model';
import { bytesSay } from '../maths/figures';

/** What is asked of `navigator.storage`. `persist` is there in pages only. */
export type StorageFacts = Pick<StorageManager, 'estimate'> & Partial<Pick<StorageManager, 'persist' | 'persisted'>>;

/** The file system has an overhead of its own, and estimates are rounded. */
const MARGIN = 1.05;

/** Throws StorageFullError, with the figures, where `bytes` more do not fit into what the browser gives this site; asks
 *  it first not to clear the store by itself. Nothing is known where the browser makes no estimate: then a write says
 *  it. */
export async function ensureRoom(storage: StorageFacts, bytes: number): Promise<void> {
  const needed = Math.ceil(bytes * MARGIN);
  if (needed === 0) return;
  await storage.persist?.().catch(() => false);
  const { quota, usage = 0 } = await storage.estimate();
  if (quota === undefined) return;
  const free = Math.max(0, quota - usage);
  if (needed > free) {
    throw new StorageFullError(
      `${bytesSay(needed)} are needed in this browser's store and ${bytesSay(free)} are free. Delete kept models, or free space on this disk.`,
      {
        needed,
        free,
      },
    );
  }
}

export async function usageOf(storage: StorageFacts): Promise<StoreUsage> {
  const { usage = 0, quota = 0 } = await storage.estimate();
  return { used: usage, quota, persisted: (await storage.persisted?.()) ?? false };
}

/** What the browser's storage threw, as one of our errors. */
export function storageError(error: unknown): LensError {
  if (error instanceof LensError) return error;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (name === 'QuotaExceededError') {
    return new StorageFullError(
      'This disk, or what the browser gives this site of it, is full. What is there is kept: free some space and open the model again.',
    );
  }
  return new StoreUnavailableError(
    `This browser's store failed (${name}: ${message}). Private windows and blocked site data keep no files.`,
    { cause: name },
  );
}
