import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Chat, Prompt } from '../../lens/api/chat';
import type { ErrorData } from '../../lens/api/errors';
import type { LensInfo } from '../../lens/api/lens';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import type { Token } from '../../lens/api/text';
import type { Trace } from '../../lens/api/trace';
import { Latest } from '../base/latest';
import { regionError } from '../base/region-error';
import type { ModelSession } from '../model/session';
import { type Chip, chipsOf } from './chips';
import { type Seen, see } from './maximum';
import { bosAsked, isEmpty, promptOf, samePrompt } from './prompt';
import { type Sinks, sinksBySite } from './sinks';

/** The results of a trace, held on the page. They stay readable when the device, and with it the trace's handle, is
 *  gone. */
export interface Reading {
  /** The text that was read; a conversation as the template wrote it. */
  text: string;
  /** What was asked for. */
  prompt: Prompt;
  chips: Chip[];
  /** Tokens of the text. */
  count: number;
  /** Codes by layer. */
  sites: Record<number, SiteCodes>;
  /** Sinks by layer. */
  sinks: Readonly<Record<number, Sinks>>;
  /** What the tokenizer puts before a text stands there. */
  bos: boolean;
  /** -log p per token, NaN at position 0. */
  surprisal: Float32Array;
}

export interface TraceState {
  /** What the prompt box holds. */
  text: string;
  /** The conversation that is run in place of the text; null: the text. */
  chat: Chat | null;
  /** What the tokenizer puts before a text stands there, as it does with Hugging Face's. */
  bos: boolean;
  /** `waiting`: typed, the pause before tracing runs. */
  status: 'idle' | 'waiting' | 'running';
  /** The handle that belongs to `reading`; null once the lens it came from is gone. */
  trace: Trace | null;
  reading: Reading | null;
  /** Counts readings: what was asked of one is not asked of the next. */
  serial: number;
  /** By how many positions the tokens of the text moved with this reading, where only what stands before them came or
   *  went. */
  moved: number;
  seen: Seen;
  /** The reading that another machine gave, shown before a model was open. Kept to be compared with this machine's. */
  recorded: Reading | null;
  error: ErrorData | null;
}

export interface Tracer {
  store: StoreApi<TraceState>;
  /** Sets the text and traces it once typing has stopped for `pause` milliseconds. */
  type(text: string): void;
  /** The same for a conversation, and for null, which goes back to the text. */
  converse(chat: Chat | null): void;
  /** Puts before the text what the tokenizer puts there, or leaves it out, and traces. Resolves as `trace` does. */
  setBos(bos: boolean): Promise<void>;
  /** Traces the text as it stands now. Resolves when it, or a newer one, is through; never rejects. */
  trace(): Promise<void>;
  /** The lens is gone: the reading stays, its handle does not. */
  detach(): void;
}

export function readingOf(
  text: string,
  tokens: readonly Token[],
  sites: Record<number, SiteCodes>,
  surprisal: Float32Array,
  infos: readonly Pick<SiteInfo, 'layer' | 'normMedian'>[],
  prompt: Prompt = text,
  bos = false,
): Reading {
  const sinks = sinksBySite(sites, infos);
  return { text, prompt, chips: chipsOf(tokens), count: tokens.length, sites, sinks, bos, surprisal };
}

async function read(trace: Trace, info: LensInfo, asked: boolean): Promise<Reading> {
  const surprisal = await trace.surprisal();
  const sites = Object.fromEntries(info.sites.map(({ layer }) => [layer, trace.site(layer)]));
  const prompt = trace.chat ?? trace.text;
  const bos = asked && typeof prompt === 'string' && info.bos !== null;
  return readingOf(trace.text, trace.tokens, sites, surprisal, info.sites, prompt, bos);
}

export function createTracer(engine: ModelSession, pause = 250): Tracer {
  const store = createStore<TraceState>(() => ({
    text: '',
    chat: null,
    bos: true,
    status: 'idle',
    trace: null,
    reading: null,
    serial: 0,
    moved: 0,
    seen: {},
    recorded: null,
    error: null,
  }));
  const latest = new Latest();
  let timer: { stop: () => void } | null = null;
  /** Nothing but the first token is another than in the reading on show. */
  let begins = false;

  const run = async () => {
    timer?.stop();
    const { lens, info } = engine.store.getState();
    const { bos, ...written } = store.getState();
    const prompt = promptOf(written);
    if (!lens || !info || isEmpty(prompt)) {
      latest.cancel();
      store.getState().trace?.dispose();
      const gone = isEmpty(prompt) ? { reading: null } : {};
      store.setState({ status: 'idle', trace: null, error: null, ...gone });
      return;
    }
    store.setState({ status: 'running', error: null });
    const task = async (signal: AbortSignal) => {
      const trace = await lens.trace(prompt, { signal, ...bosAsked(bos) });
      try {
        const reading = await read(trace, info, bos);
        signal.throwIfAborted();
        return { trace, reading };
      } catch (error) {
        trace.dispose();
        throw error;
      }
    };
    const paint = ({ trace, reading }: { trace: Trace; reading: Reading }) => {
      const { trace: old, reading: before, seen, serial } = store.getState();
      const same = begins && before && samePrompt(before.prompt, reading.prompt);
      const moved = same ? reading.count - before.count : 0;
      begins = false;
      const more = info.sites.reduce((all, site) => see(all, site, reading.sites[site.layer]!), seen);
      store.setState({ status: 'idle', trace, reading, serial: serial + 1, moved, seen: more });
      old?.dispose();
    };
    try {
      await engine.track(latest.request(task, paint));
    } catch (error) {
      store.setState({ status: 'idle', error: regionError(error) });
    }
  };

  const later = (written: Pick<TraceState, 'text'> | Pick<TraceState, 'chat'>) => {
    timer?.stop();
    latest.cancel();
    begins = false;
    store.setState({ ...written, status: 'waiting', error: null });
    const wait = new Promise<void>((resolve) => {
      const id = setTimeout(resolve, pause);
      timer = {
        stop: () => {
          clearTimeout(id);
          resolve();
          timer = null;
        },
      };
    });
    const mine = timer;
    void engine.track(wait.then(() => (timer === mine ? run() : undefined)));
  };

  return {
    store,
    type: (text) => later({ text }),
    converse: (chat) => later({ chat }),
    setBos: (bos) => {
      begins = true;
      store.setState({ bos });
      return run();
    },
    trace: run,
    detach: () => store.setState({ trace: null }),
  };
}
