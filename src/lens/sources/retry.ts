import { AbortedError, MissingFileError, RateLimitedError, throwIfAborted } from '../api/errors';

/** How to ask for a remote file. Tests replace parts of it; a page leaves it empty. */
export interface ConnectionOptions {
  signal?: AbortSignal;
  fetch?: typeof fetch;
  /** Passed to `fetch`. By default: no cookies, and no browser cache, because large files are kept in the store. */
  credentials?: RequestCredentials;
  cache?: RequestCache;
  /** Waits before another attempt; the signal ends the wait even if `pause` does not. */
  pause?: (ms: number) => Promise<void>;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stall?: number;
  /** Gives up after this many attempts in a row without a new byte. */
  attempts?: number;
}

export const STALL = 30_000;
const ATTEMPTS = 6;
const FIRST_PAUSE = 1000;
/** Most pauses in a row that a server may ask for. */
const LIMITED = 4;
const FIRST_LIMITED_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;

/** A failure that a retry may mend: a broken connection, or a server that is out of order for now. */
export class Broken extends Error {
  constructor(
    message: string,
    /** Milliseconds that the server asks to wait; null if it does not say. */
    readonly wait: number | null = null,
  ) {
    super(message);
  }
}

/** 429: the server asks for a pause. */
export class Limited extends Broken {}

/** Decides after each failed attempt whether to try again, and waits until then. */
export class Patience {
  #broken = 0;
  #limited = 0;
  readonly #url: string;
  readonly #options: ConnectionOptions;

  constructor(url: string, options: ConnectionOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /** New bytes arrived: counting begins again. */
  progress(): void {
    this.#broken = 0;
    this.#limited = 0;
  }

  /** Resolves when the next attempt is due. Throws RateLimitedError or MissingFileError if no attempt is left,
   *  AbortedError if stopped, and every failure that is not `Broken`. */
  async after(failure: unknown): Promise<void> {
    const { signal, attempts = ATTEMPTS } = this.#options;
    throwIfAborted(signal);
    const url = this.#url;
    if (failure instanceof Limited) {
      if (++this.#limited > LIMITED)
        throw new RateLimitedError(
          `${new URL(url).host} limits how many requests it answers, and still did after ${LIMITED} pauses. Try again in some minutes.`,
          {
            url,
            retryAfter: failure.wait,
          },
        );
      return this.#wait(failure.wait ?? FIRST_LIMITED_PAUSE * 2 ** (this.#limited - 1));
    }
    if (!(failure instanceof Broken)) throw failure;
    if (++this.#broken >= attempts)
      throw new MissingFileError(
        `${url} could not be fetched (${failure.message}), ${attempts} times in a row. Check the connection and the address, then try again.`,
        {
          url,
        },
      );
    return this.#wait(failure.wait ?? FIRST_PAUSE * 2 ** (this.#broken - 1));
  }

  async #wait(ms: number): Promise<void> {
    const { signal, pause = sleep } = this.#options;
    const bounded = Math.min(ms, LONGEST_PAUSE);
    if (!signal) return pause(bounded);
    let stop: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(new AbortedError('Stopped.'));
      signal.addEventListener('abort', stop);
    });
    try {
      await Promise.race([pause(bounded), stopped]);
    } finally {
      signal.removeEventListener('abort', stop!);
    }
  }
}

/** Runs `attempt` until it succeeds or patience ends. */
export async function patiently<T>(url: string, options: ConnectionOptions, attempt: () => Promise<T>): Promise<T> {
  const patience = new Patience(url, options);
  for (;;) {
    try {
      throwIfAborted(options.signal);
      return await attempt();
    } catch (error) {
      await patience.after(error);
    }
  }
}

/** Milliseconds that an answer asks to wait, from Retry-After (seconds or a date) or the Hub's RateLimit
 *  (`"api";r=0;t=55`). Null if neither can be read, for example because another origin does not expose them. */
export function askedPause(headers: Headers, now = Date.now()): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  const seconds = /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
