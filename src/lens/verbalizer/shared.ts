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

/** Something that is loaded once, by whoever needs it first, for all who need it. One caller's abort leaves the others
 *  their load; when all have left, it is stopped. A load that failed is tried again by the next. There is never more
 *  than one under way, and what it made is never lost: a load that comes to its end although it was stopped serves the
 *  next caller. */
export class SharedLoad<T extends { release(): Promise<void> }> {
  private loading: Loading<T> | null = null;
  private loaded: T | null = null;
  /** Settles with the newest load. */
  private last: Promise<unknown> = Promise.resolve();
  private released = false;

  constructor(private readonly load: (options: LoadOptions) => Promise<T>) {}

  /** What is loaded by now. */
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

  /** Stops a load under way, and frees what is loaded; who waits or comes gets DisposedError. The caller sees to it
   *  that nothing of it runs any more. */
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
    // Where everybody has left nobody hears of its end.
    this.last = result.catch(() => {});
    return { result, control, waiting };
  }

  /** Behind the load before, which may still be coming to its end. */
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
