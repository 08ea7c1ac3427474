import { AbortedError, EngineCrashedError, errorFromData } from '../lens/api/errors';
import type { CallName, Calls, Event, Reply, Request, Steps } from './messages';

/** The part of Worker that a Channel uses. */
export interface Port {
  postMessage(message: Request): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror?: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

interface Pending {
  resolve: (result: never) => void;
  reject: (error: Error) => void;
  onEvent?: (event: Event) => void;
}

/** Sends requests to a worker and returns its answers. An error arrives as an instance of its original class. */
export class Channel {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private failure: Error | null = null;

  constructor(
    private readonly port: Port,
    onLost: (lost: { reason: string; message: string }) => void,
  ) {
    port.onmessage = ({ data }) => {
      if ('lost' in data) return onLost(data.lost);
      const call = this.pending.get(data.id);
      if (!call) return;
      if ('event' in data) return call.onEvent?.(data.event);
      this.pending.delete(data.id);
      if ('error' in data) call.reject(errorFromData(data.error));
      else call.resolve(data.result as never);
    };
    port.onerror = (event) => {
      const message = event.message || 'no message';
      this.end(
        new EngineCrashedError(
          `The engine's worker failed to start or crashed (${message}). Text and edits are kept; restart the engine.`,
        ),
      );
      onLost({ reason: 'crashed', message });
    };
  }

  get ended(): boolean {
    return this.failure !== null;
  }

  call<N extends CallName>(
    call: N,
    args: Calls[N]['args'],
    options: { signal?: AbortSignal; onEvent?: (event: Event) => void } = {},
  ): Promise<Calls[N]['result']> {
    if (this.failure) return Promise.reject(this.failure);
    const { signal, onEvent } = options;
    if (signal?.aborted) return Promise.reject(new AbortedError('Stopped.'));
    const id = this.nextId++;
    const cancel = () => this.port.postMessage({ id, call: 'cancel' });
    signal?.addEventListener('abort', cancel, { once: true });
    return new Promise<Calls[N]['result']>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (result: never) => void, reject, onEvent });
      this.port.postMessage({ id, call, args } as Request);
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** Yields the steps of a run. The worker sends one step ahead of the page; leaving the loop cancels its run. */
  async *stream<N extends keyof Steps>(
    call: N,
    args: Calls[N]['args'],
    options: { signal?: AbortSignal; onEvent?: (event: Event) => void } = {},
  ): AsyncGenerator<Steps[N]> {
    const { signal, onEvent } = options;
    const steps: Steps[N][] = [];
    let wake: () => void = () => {};
    let ended: { error?: Error } | null = null;
    const stop = new AbortController();
    const forward = () => stop.abort();
    signal?.addEventListener('abort', forward, { once: true });
    if (signal?.aborted) stop.abort();
    const id = this.nextId;
    this.call(call, args, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind !== 'step') return onEvent?.(event);
        steps.push(event.step as Steps[N]);
        wake();
      },
    }).then(
      () => {
        ended = {};
        wake();
      },
      (error: Error) => {
        ended = { error };
        wake();
      },
    );
    try {
      for (;;) {
        const step = steps.shift();
        if (step) {
          this.port.postMessage({ id, call: 'next' });
          yield step;
          continue;
        }
        const end = ended as { error?: Error } | null;
        if (end?.error) throw end.error;
        if (end) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      signal?.removeEventListener('abort', forward);
      stop.abort();
    }
  }

  /** Ends the worker. Pending and later calls reject with `error`. */
  end(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.port.terminate();
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
