import { AbortedError, throwIfAborted } from '../api/errors';

export interface WaitOptions {
  signal?: AbortSignal;
  /** Called once before waiting, if another tab or another part of this one holds the lock. */
  onWait?: () => void;
}

const locks = (): LockManager | undefined => globalThis.navigator?.locks;

/** Waits for the lock, then runs the task. The lock spans all tabs; several `shared` holders may have it at once. A
 *  browser without locks runs the task at once. Throws AbortedError if stopped while waiting. */
export async function withLock<T>(
  name: string,
  mode: LockMode,
  { signal, onWait }: WaitOptions,
  task: () => Promise<T>,
): Promise<T> {
  const now = await tryLock(name, mode, task);
  if (now !== null) return now.value;
  throwIfAborted(signal);
  onWait?.();
  // While waiting, `request` rejects with the signal's reason, of any kind; later, with the task's error.
  let begun = false;
  const begin = () => {
    begun = true;
    return task();
  };
  try {
    return await (locks() as LockManager).request(name, { mode, ...(signal ? { signal } : {}) }, begin);
  } catch (error) {
    if (begun || !signal?.aborted) throw error;
    throw new AbortedError('Stopped while another tab was at work on the same files.');
  }
}

/** Returns the task's result, or null if the lock is not free at once. */
export async function tryLock<T>(name: string, mode: LockMode, task: () => Promise<T>): Promise<{ value: T } | null> {
  const manager = locks();
  if (!manager) return { value: await task() };
  return manager.request(name, { mode, ifAvailable: true }, async (lock) => (lock ? { value: await task() } : null));
}
