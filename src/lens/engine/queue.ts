import type { DeviceLostError } from '../errors';

/** Runs tasks one after another, in the order they were asked for. ONNX Runtime must never see two calls at once (overlapping runs crash the
 *  page), and our kernels share buffers between calls, so everything that touches the device goes through one queue. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();
  private failure: DeviceLostError | null = null;
  private fail: (error: DeviceLostError) => void = () => {};
  private readonly broken: Promise<never>;

  constructor() {
    this.broken = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.broken.catch(() => {});
  }

  /** The task's result. A task that fails does not stop those behind it. After `break` every task, waiting or running, rejects. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(() => {
      if (this.failure) throw this.failure;
      return Promise.race([task(), this.broken]);
    });
    this.tail = turn.catch(() => {});
    return turn;
  }

  /** Resolves when nothing is waiting or running. */
  idle(): Promise<unknown> {
    return this.tail;
  }

  break(error: DeviceLostError): void {
    this.failure = error;
    this.fail(error);
  }
}
