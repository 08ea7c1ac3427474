import { AbortedError, DisposedError, throwIfAborted } from '../api/errors';

export interface LoadOptions {
  signal?: AbortSignal;
  onProgress?: (p: { loaded: number; total: number }) => void;
}

interface Loading<T> {
  result: Promise<T>;
  control: AbortController;
  waiting: Set<LoadOptions>;
}

/** Loads something once for all callers, when the first one needs it. One caller's abort does not stop the load for the
 *  others; when all have left, the load is stopped. After a failed load, the next caller starts another. Only one load
 *  runs at a time, and no result is lost: if a stopped load completes all the same, it serves the next caller. */
export class SharedLoad<T extends { release(): Promise<void> }> {
  private loading: Loading<T> | null = null;
  private loaded: T | null = null;
  /** Settles with the newest load. */
  private last: Promise<unknown> = Promise.resolve();
  private released = false;

  constructor(private readonly load: (options: LoadOptions) => Promise<T>) {}

  /** The result, or null if it is not loaded yet. */
  get now(): T | null {
    return this.loaded;
  }

  async get(options: LoadOptions = {}): Promise<T> {
    const { signal } = options;
    throwIfAborted(signal);
    if (this.released) throw closed();
    if (this.loaded !== null) return this.loaded;
    this.loading ??= this.begin();
    const { result, control, waiting } = this.loading;
    waiting.add(options);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new AbortedError('Stopped.'));
    });
    signal?.addEventListener('abort', leave);
    try {
      return await Promise.race([result, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      waiting.delete(options);
      if (waiting.size === 0) {
        if (this.loaded === null) control.abort();
        if (this.loading?.control === control) this.loading = null;
      }
    }
  }

  /** Stops a running load and frees a loaded result. Waiting and later callers get DisposedError. The caller must make
   *  sure that nobody still uses the result. */
  async release(): Promise<void> {
    this.released = true;
    this.loading?.control.abort();
    await this.last;
    const { loaded } = this;
    this.loaded = null;
    await loaded?.release();
  }

  private begin(): Loading<T> {
    const control = new AbortController();
    const waiting = new Set<LoadOptions>();
    const onProgress: LoadOptions['onProgress'] = (p) => {
      for (const one of waiting) one.onProgress?.(p);
    };
    const result = this.next({ signal: control.signal, onProgress });
    // If all callers have left, nobody else handles a failure.
    this.last = result.catch(() => {});
    return { result, control, waiting };
  }

  /** Waits for the previous load, which may still be running, then loads. */
  private async next(options: LoadOptions): Promise<T> {
    await this.last;
    try {
      throwIfAborted(options.signal);
      this.loaded ??= await this.load(options);
    } catch (error) {
      throw this.released ? closed() : error;
    }
    if (this.released) throw closed();
    return this.loaded;
  }
}

function closed(): DisposedError {
  return new DisposedError('The lens was closed. Open it again.');
}
