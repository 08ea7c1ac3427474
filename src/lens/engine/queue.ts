import type { LensError } from '../api/errors';

/** Runs tasks one after another, in the order they were asked for. ONNX Runtime must never see two calls at once
 *  (overlapping runs crash the page), and our kernels share buffers between calls, so everything that touches the
 *  device goes through one queue. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();
  private failure: LensError | null = null;
  private failRunning: ((error: LensError) => void) | null = null;

  /** The task's result. A task that fails does not stop those behind it. After `break` every task, waiting or running,
   *  rejects. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(() => {
      if (this.failure) throw this.failure;
      return new Promise<T>((resolve, reject) => {
        this.failRunning = reject;
        task().then(resolve, reject);
      }).finally(() => {
        this.failRunning = null;
      });
    });
    this.tail = turn.catch(() => {});
    return turn;
  }

  get broken(): boolean {
    return this.failure !== null;
  }

  /** For a lost device: running, waiting and later tasks reject with `error`. The first error stays. */
  break(error: LensError): void {
    if (this.failure) return;
    this.failure = error;
    this.failRunning?.(error);
  }

  /** A deliberate end: the running task finishes, then `last` runs. Waiting and later tasks reject with `error`. */
  async end(error: LensError, last: () => Promise<void>): Promise<void> {
    if (this.failure) return;
    this.failure = error;
    await this.tail.then(last);
  }
}
