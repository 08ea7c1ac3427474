import { AbortedError, throwIfAborted } from '../errors';

export interface LoadOptions {
  signal?: AbortSignal;
  onProgress?: (p: { loaded: number; total: number }) => void;
}

interface Loading<T> {
  result: Promise<T>;
  control: AbortController;
  waiting: Set<LoadOptions>;
}

/** Something that is loaded once, by whoever needs it first, for all who need it. One caller's abort leaves the others their load; when all have left, it is
 *  stopped. A load that failed is tried again by the next. */
export class SharedLoad<T> {
  private loading: Loading<T> | null = null;
  private loaded: T | null = null;

  constructor(private readonly load: (options: LoadOptions) => Promise<T>) {}

  /** What is loaded by now. */
  get now(): T | null {
    return this.loaded;
  }

  async get(options: LoadOptions = {}): Promise<T> {
    const { signal } = options;
    throwIfAborted(signal);
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

  private begin(): Loading<T> {
    const control = new AbortController();
    const waiting = new Set<LoadOptions>();
    const onProgress: LoadOptions['onProgress'] = (p) => {
      for (const one of waiting) one.onProgress?.(p);
    };
    const result = this.load({ signal: control.signal, onProgress }).then((value) => {
      this.loaded = value;
      return value;
    });
    // Where everybody has left nobody hears of its end.
    result.catch(() => {});
    return { result, control, waiting };
  }
}
