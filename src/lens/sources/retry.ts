import { AbortedError, MissingFileError, RateLimitedError, throwIfAborted } from '../api/errors';

/** How a remote file is asked for. Tests put their own in; a page leaves all of it out. */
export interface ConnectionOptions {
  signal?: AbortSignal;
  fetch?: typeof fetch;
  /** Of the browser: no cookies, and nothing kept in its cache, where they are not said; large files have their own
   *  place. */
  credentials?: RequestCredentials;
  cache?: RequestCache;
  /** Waits before another attempt; a signal ends the wait, whatever this does. */
  pause?: (ms: number) => Promise<void>;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stall?: number;
  /** Attempts without a byte of progress between them, after which it is given up. */
  attempts?: number;
}

export const STALL = 30_000;
const ATTEMPTS = 6;
const FIRST_PAUSE = 1000;
/** Of pauses that a server asks for. */
const LIMITED = 4;
const FIRST_LIMITED_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;

/** A failure that another attempt may mend: a connection that broke, a server that is out of order for now. */
export class Broken extends Error {
  constructor(
    message: string,
    /** Milliseconds that the server asks to wait; null where it does not say. */
    readonly wait: number | null = null,
  ) {
    super(message);
  }
}

/** 429: the server asks for a pause. */
export class Limited extends Broken {}

/** Decides after each failed attempt whether there is another one, and waits for it. */
export class Patience {
  #broken = 0;
  #limited = 0;
  readonly #url: string;
  readonly #options: ConnectionOptions;

  constructor(url: string, options: ConnectionOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /** Something arrived that was not there before: counting begins again. */
  progress(): void {
    this.#broken = 0;
    this.#limited = 0;
  }

  /** Resolves when the next attempt is due. Throws RateLimitedError or MissingFileError where there is none,
   *  AbortedError, and everything that is not `Broken`. */
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
 *  (`"api";r=0;t=55`); null where neither can be read, which is so for another origin that does not expose them. */
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
