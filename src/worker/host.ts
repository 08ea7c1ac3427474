import { DisposedError, errorToData, LensError, throwIfAborted } from '../lens/api/errors';
import type { LensInfo } from '../lens/api/lens';
import type { EngineTrace } from '../lens/engine/trace';
import type { EngineLens } from '../lens/lens';
import { openRequest } from '../lens/open/open';
import type { Bytes, CallName, Calls, Event, Reply, Request, WordsTarget } from './messages';

type Handler<N extends CallName> = (args: Calls[N]['args'], context: Context) => Promise<Calls[N]['result']>;

interface Context {
  signal: AbortSignal;
  send: (event: Event) => void;
  /** Resolves when the page asks for the next step or cancels the call. */
  next: () => Promise<void>;
}

/** Answers the page's requests with one lens. `post` sends a reply, in a real worker and in tests alike. */
export class EngineHost {
  private lens: EngineLens | null = null;
  private readonly traces = new Map<number, EngineTrace>();
  private nextTrace = 1;
  private readonly running = new Map<number, { abort: AbortController; next: (() => void) | null; asked: number }>();

  constructor(private readonly post: (reply: Reply) => void) {}

  receive(request: Request): void {
    if (request.call === 'cancel') {
      const call = this.running.get(request.id);
      call?.abort.abort();
      call?.next?.();
      return;
    }
    if (request.call === 'next') {
      const call = this.running.get(request.id);
      if (!call) return;
      call.asked++;
      call.next?.();
      return;
    }
    void this.answer(request.id, request.call, request.args);
  }

  private async answer<N extends CallName>(id: number, call: N, args: Calls[N]['args']): Promise<void> {
    const abort = new AbortController();
    const state = { abort, next: null as (() => void) | null, asked: 0 };
    this.running.set(id, state);
    const next = async () => {
      if (state.asked === 0 && !abort.signal.aborted) {
        await new Promise<void>((resolve) => {
          state.next = resolve;
        });
        state.next = null;
      }
      if (state.asked > 0) state.asked--;
    };
    try {
      const handler = this.handlers[call] as Handler<N>;
      const result = await handler(args, { signal: abort.signal, send: (event) => this.post({ id, event }), next });
      this.post({ id, result });
    } catch (error) {
      this.post({ id, error: errorToData(error) });
    } finally {
      this.running.delete(id);
    }
  }

  private readonly handlers: { [N in CallName]: Handler<N> } = {
    open: async (request, { signal, send }) =>
      this.take(await openRequest(request, { signal, onProgress: (progress) => send({ kind: 'progress', progress }) })),
    openSites: async ({ layers }, { signal, send }) => {
      const lens = await this.open().openSites(layers, {
        signal,
        onProgress: (progress) => send({ kind: 'progress', progress }),
      });
      for (const trace of this.traces.values()) trace.dispose();
      this.traces.clear();
      return this.take(lens);
    },
    tokenize: ({ text, ...as }) => this.open().tokenize(text, as),
    trace: async ({ text, ...options }, { signal }) => {
      const lens = this.open();
      const trace = await lens.trace(text, { ...options, signal });
      if (lens !== this.lens) {
        trace.dispose();
        throw new DisposedError('Other dictionaries were opened while this text was traced. Trace it again.');
      }
      const id = this.nextTrace++;
      this.traces.set(id, trace);
      const sites = lens.info.sites.map(({ layer }) => trace.site(layer));
      return { id, text: trace.text, chat: trace.chat, tokens: trace.tokens, sites, reports: trace.reports() };
    },
    dispose: async ({ trace }) => {
      this.traces.get(trace)?.dispose();
      this.traces.delete(trace);
      return null;
    },
    residual: ({ trace, layer, position }) => this.trace(trace).residual(layer, position),
    top: ({ trace, position, n }) => this.trace(trace).top(position, n),
    lens: ({ trace, layer, position, n }) => this.trace(trace).lens(layer, position, n),
    surprisal: ({ trace }) => this.trace(trace).surprisal(),
    activations: ({ trace, layer, feature, on }) => this.open().activations(this.trace(trace), layer, feature, { on }),
    latents: ({ trace, layer }) => this.open().latents(this.trace(trace), layer),
    preview: ({ trace, edits, n }, { signal }) => this.open().preview(this.trace(trace), edits, { n, signal }),
    band: ({ prompt, edits, ...options }, { signal }) => this.open().band(prompt, edits, { ...options, signal }),
    feature: ({ layer, id }) => this.open().feature(layer, id),
    snippets: ({ layer, id }) => this.open().snippets(layer, id),
    decoderRow: ({ layer, id }) => this.open().decoderRow(layer, id),
    labels: ({ layer }) => this.open().labels(layer),
    encode: ({ layer, vectors }) => this.open().encode(layer, vectors),
    verbalizers: () => this.open().verbalizers(),
    verbalize: async ({ target, ...options }, { signal, send, next }) => {
      const onProgress = (bytes: Bytes) => send({ kind: 'bytes', bytes });
      for await (const step of this.open().verbalize(this.target(target), { ...options, signal, onProgress })) {
        send({ kind: 'step', step });
        await next();
        throwIfAborted(signal);
      }
      return null;
    },
    reconstruct: ({ texts }) => this.open().reconstruct(texts),
    score: ({ texts, target, position }) => this.open().score(texts, this.target(target), position),
    controls: ({ target, position, others }) => this.open().controls(this.target(target), position, { others }),
    parity: (_, { signal, send }) =>
      this.open().parity({ signal, onCase: (parity) => send({ kind: 'parity', parity }) }),
    generate: async ({ prompt, ...options }, { signal, send, next }) => {
      for await (const step of this.open().generate(prompt, { ...options, signal })) {
        send({ kind: 'step', step });
        await next();
        throwIfAborted(signal);
      }
      return null;
    },
    ping: async () => null,
  };

  private take(lens: EngineLens): LensInfo {
    this.lens = lens;
    void lens.lost.then((lost) => this.post({ lost }));
    return lens.info;
  }

  private open(): EngineLens {
    if (!this.lens) throw new LensError('No model is open. Call openLens first.');
    return this.lens;
  }

  private target(target: WordsTarget): EngineTrace | Float32Array {
    return 'vector' in target ? target.vector : this.trace(target.trace);
  }

  private trace(id: number): EngineTrace {
    const trace = this.traces.get(id);
    if (!trace) throw new DisposedError('This trace was disposed. Trace the text again.');
    return trace;
  }
}
