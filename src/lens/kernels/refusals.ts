import { UnsupportedModelError } from '../api/errors';

const SCOPES = ['out-of-memory', 'validation', 'internal'] as const;

/**
 * Runs a task that queues work on the device and reads a result back. If the device refuses any of that work, mostly
 * for lack of memory, the read would give zeros or an earlier result and look valid; so this throws
 * UnsupportedModelError. The task must queue everything before it first waits. Work that is queued later is not
 * checked.
 */
export async function unlessRefused<T>(device: GPUDevice, what: string, task: () => Promise<T>): Promise<T> {
  for (const scope of SCOPES) device.pushErrorScope(scope);
  let result: Promise<T>;
  let scopes: Promise<GPUError | null>[] = [];
  try {
    result = task();
  } finally {
    // A lost device rejects; the task's own failure says so better.
    scopes = SCOPES.map(() => device.popErrorScope().catch(() => null));
  }
  const [done, ...errors] = await Promise.allSettled([result, ...scopes]);
  for (const error of errors) {
    if (error.status === 'fulfilled' && error.value) {
      throw new UnsupportedModelError(
        `The GPU refused to ${what}: ${error.value.message || 'out of memory'}. Close other pages, or choose a smaller model.`,
      );
    }
  }
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}
