/**
 * Between a slider and a GPU. Guarantees:
 * - no two tasks of one Latest run at once;
 * - of the waiting tasks only the newest runs, the others are dropped unstarted;
 * - the result of a task is painted only if nothing newer was requested meanwhile. With `follow` a task that runs is
 *   let finish and painted, so that the view keeps up with a hand that never rests; results then come in the order of
 *   their requests, and the last is the newest's.
 *
 * A task gets a signal that aborts as soon as a newer request or `cancel` comes, so that an engine which can stop early
 * does. A task that paints as it goes (a stream) must look at `signal.aborted` before each paint.
 */
export class Latest {
  #running: AbortController | null = null;
  #waiting: { start: () => void; drop: () => void } | null = null;

  constructor(private readonly follow = false) {}

  /** True while a task runs or waits. */
  get active(): boolean {
    return this.#running !== null;
  }

  /** Resolves to true when the result was painted, to false when the task was overtaken or cancelled; rejects when the
   *  task of the newest request failed. */
  request<T>(task: (signal: AbortSignal) => Promise<T>, paint: (result: T) => void): Promise<boolean> {
    if (this.follow) this.#drop();
    else this.cancel();
    return new Promise<boolean>((resolve, reject) => {
      const start = () => void this.#run(task, paint).then(resolve, reject);
      if (this.#running) this.#waiting = { start, drop: () => resolve(false) };
      else start();
    });
  }

  /** Nothing requested so far will be painted from now on. */
  cancel(): void {
    this.#running?.abort();
    this.#drop();
  }

  #drop(): void {
    this.#waiting?.drop();
    this.#waiting = null;
  }

  async #run<T>(task: (signal: AbortSignal) => Promise<T>, paint: (result: T) => void): Promise<boolean> {
    const controller = new AbortController();
    this.#running = controller;
    try {
      const result = await task(controller.signal);
      if (controller.signal.aborted) return false;
      paint(result);
      return true;
    } catch (error) {
      if (controller.signal.aborted) return false;
      throw error;
    } finally {
      this.#running = null;
      const next = this.#waiting;
      this.#waiting = null;
      next?.start();
    }
  }
}
