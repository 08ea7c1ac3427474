import { LensError, StorageFullError, StoreUnavailableError } from '../api/errors';
import type { StoreUsage } from '../api/model';
import { bytesSay } from '../maths/figures';

/** The methods of `navigator.storage` in use. Only pages have `persist`. */
export type StorageFacts = Pick<StorageManager, 'estimate'> & Partial<Pick<StorageManager, 'persist' | 'persisted'>>;

/** The file system has an overhead of its own, and estimates are rounded. */
const MARGIN = 1.05;

/** Throws StorageFullError, with the figures, if `bytes` more do not fit into the browser's quota for this site. First
 *  asks the browser to keep the store persistent. Without an estimate it passes; a failing write then tells. */
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

/** Turns an error of the browser's storage into one of ours. */
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
