import { AbortedError, throwIfAborted } from '../api/errors';

export interface WaitOptions {
  signal?: AbortSignal;
  /** Another tab, or another part of this one, holds the lock: called once, before waiting for it. */
  onWait?: () => void;
}

const locks = (): LockManager | undefined => globalThis.navigator?.locks;

/** Runs the task while nobody, in any tab, holds the lock otherwise; `shared` among themselves do. Waits. A browser
 *  without locks runs it at once. Throws AbortedError where it is stopped while it waits. */
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
  // Rejects with the signal's reason, of any kind, while it waits, and with what the task threw afterwards.
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

/** What the task gave, or null where the lock cannot be had at once. */
export async function tryLock<T>(name: string, mode: LockMode, task: () => Promise<T>): Promise<{ value: T } | null> {
  const manager = locks();
  if (!manager) return { value: await task() };
  return manager.request(name, { mode, ifAvailable: true }, async (lock) => (lock ? { value: await task() } : null));
}
