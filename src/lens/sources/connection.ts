import { throwIfAborted } from '../api/errors';
import { Broken, type ConnectionOptions, STALL } from './retry';

/** One request and its body, read chunk by chunk. Throws `Broken` if no answer comes, no byte comes for `stall`
 *  milliseconds, or the body ends in the middle; AbortedError on the caller's signal. Always close it after reading. */
export class Connection {
  readonly response: Response;
  readonly #control: AbortController;
  readonly #release: () => void;
  readonly #options: ConnectionOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | null;

  private constructor(response: Response, control: AbortController, release: () => void, options: ConnectionOptions) {
    this.response = response;
    this.#control = control;
    this.#release = release;
    this.#options = options;
    this.#reader = response.body?.getReader() ?? null;
  }

  /** Sends the request without a referrer. */
  static async open(
    url: string,
    init: { method?: string; headers?: Record<string, string> },
    options: ConnectionOptions,
  ): Promise<Connection> {
    const { signal, fetch: get = globalThis.fetch, credentials = 'omit', cache = 'no-store' } = options;
    throwIfAborted(signal);
    const control = new AbortController();
    const stop = () => control.abort();
    signal?.addEventListener('abort', stop);
    const release = () => signal?.removeEventListener('abort', stop);
    try {
      const request = get(url, {
        ...init,
        credentials,
        cache,
        signal: control.signal,
        referrerPolicy: 'no-referrer',
      });
      return new Connection(await inTime(request, options), control, release, options);
    } catch (error) {
      control.abort();
      release();
      throw error;
    }
  }

  /** The next bytes; null at the end of the body. */
  async next(): Promise<Uint8Array | null> {
    if (!this.#reader) return null;
    const { done, value } = await inTime(this.#reader.read(), this.#options);
    return done ? null : value;
  }

  close(): void {
    this.#release();
    this.#control.abort();
  }
}

async function inTime<T>(promise: Promise<T>, { signal, stall = STALL }: ConnectionOptions): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Broken(`no byte for ${stall / 1000} s`)), stall);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof Broken ? error : new Broken(reason(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Node hides what happened behind "fetch failed". */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message || String(error) : String(error);
}
