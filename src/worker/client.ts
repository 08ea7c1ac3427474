import type { Chat, Prompt } from '../lens/api/chat';
import type { ChangeReport, Edit, Preview } from '../lens/api/edit';
import {
  AbortedError,
  DeviceLostError,
  DisposedError,
  InvalidOptionError,
  SiteUnavailableError,
} from '../lens/api/errors';
import type { FeatureInfo, SiteLabels, Snippet } from '../lens/api/feature';
import type { BandOptions, GenerateOptions, GenerateStep } from '../lens/api/generate';
import { requestOf } from '../lens/api/identity';
import type { Lens, LensInfo, ParityCase } from '../lens/api/lens';
import type { SourceRequest } from '../lens/api/model';
import type { OpenOptions, Progress } from '../lens/api/open';
import type { Recipe, RecipeSampling } from '../lens/api/recipe';
import type { Following, ModelRef, OpenRequest } from '../lens/api/request';
import type { SiteCodes } from '../lens/api/site';
import type { Token, TokenLogprob } from '../lens/api/text';
import type { Trace } from '../lens/api/trace';
import type { Score, ScoreControls, VerbalizeOptions, VerbalizerList, VerbalizeStep } from '../lens/api/verbalizer';
import { recipeOf } from '../lens/exchange/recipe';
import { steer } from '../lens/maths/steer';
import { Channel, type Port } from './channel';
import type { TraceData, WordsTarget } from './messages';
import { EngineSession } from './session';
import { startWorker } from './start';

/** When the device is lost, the asyncify runtime loops for ever and cannot report it. This many unanswered pings in a
 *  row end the worker. */
const HEARTBEAT = 4_000;
const MISSED = 8;

/** The page's side of a trace: it holds tokens and codes, and asks the worker for the rest. */
class ClientTrace implements Trace {
  private disposed = false;

  constructor(
    readonly channel: EngineSession,
    private readonly data: TraceData,
  ) {}

  get id(): number {
    if (this.disposed) throw new DisposedError('This trace was disposed. Trace the text again.');
    return this.data.id;
  }

  get text(): string {
    return this.data.text;
  }

  get chat(): Chat | null {
    return this.data.chat;
  }

  get tokens(): Token[] {
    return this.data.tokens;
  }

  site(layer: number): SiteCodes {
    const codes = this.data.sites.find((site) => site.layer === layer);
    if (!codes) throw new SiteUnavailableError(`There is no dictionary at layer ${layer}.`, { layer });
    return codes;
  }

  reports(): ChangeReport[] {
    return this.data.reports;
  }

  async residual(layer: number, position: number): Promise<Float32Array> {
    return this.channel.call('residual', { trace: this.id, layer, position });
  }

  async top(position: number, n: number): Promise<TokenLogprob[]> {
    return this.channel.call('top', { trace: this.id, position, n });
  }

  async lens(layer: number, position: number, n: number): Promise<TokenLogprob[]> {
    return this.channel.call('lens', { trace: this.id, layer, position, n });
  }

  async surprisal(): Promise<Float32Array> {
    return this.channel.call('surprisal', { trace: this.id });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    // A dead worker has nothing to free.
    this.channel.call('dispose', { trace: this.data.id }).catch(() => {});
  }
}

class ClientLens implements Lens {
  constructor(
    private readonly channel: EngineSession,
    readonly info: LensInfo,
    readonly lost: Promise<{ reason: string; message: string }>,
  ) {}

  tokenize(text: Prompt, options: { chat?: boolean; prependBos?: boolean } = {}): Promise<Token[]> {
    return this.channel.call('tokenize', { text, ...options });
  }

  async trace(
    text: Prompt,
    options: { edits?: Edit[]; chat?: boolean; prependBos?: boolean; signal?: AbortSignal } = {},
  ): Promise<Trace> {
    const { signal, ...rest } = options;
    const data = await this.channel.call('trace', { text, ...rest }, { signal });
    return new ClientTrace(this.channel, data);
  }

  async activations(
    trace: Trace,
    layer: number,
    feature: number,
    options: { on?: 'code' | 'preactivation' } = {},
  ): Promise<Float32Array> {
    return this.channel.call('activations', { trace: this.own(trace), layer, feature, on: options.on });
  }

  async latents(trace: Trace, layer: number): Promise<Float32Array> {
    return this.channel.call('latents', { trace: this.own(trace), layer });
  }

  async preview(trace: Trace, edits: Edit[], options: { n?: number; signal?: AbortSignal } = {}): Promise<Preview> {
    return this.channel.call('preview', { trace: this.own(trace), edits, n: options.n }, { signal: options.signal });
  }

  generate(prompt: Prompt, options: GenerateOptions = {}): AsyncIterable<GenerateStep> {
    const { signal, ...rest } = options;
    return this.channel.stream('generate', { prompt, ...rest }, { signal });
  }

  band(prompt: Prompt, edits: Edit[], options: BandOptions): Promise<Float32Array[]> {
    const { signal, ...rest } = options;
    return this.channel.call('band', { prompt, edits, ...rest }, { signal });
  }

  feature(layer: number, id: number): Promise<FeatureInfo> {
    return this.channel.call('feature', { layer, id });
  }

  snippets(layer: number, id: number): Promise<Snippet[]> {
    return this.channel.call('snippets', { layer, id });
  }

  labels(layer: number): Promise<SiteLabels | null> {
    return this.channel.call('labels', { layer });
  }

  decoderRow(layer: number, id: number): Promise<Float32Array> {
    return this.channel.call('decoderRow', { layer, id });
  }

  steer(options: { layer: number; feature: number; weight: number }): Edit {
    return steer(this.info.sites, options);
  }

  recipe(edits: readonly Edit[], sampling: Partial<RecipeSampling> = {}): Recipe {
    return recipeOf(this.info, edits, sampling);
  }

  verbalizers(): Promise<VerbalizerList> {
    return this.channel.call('verbalizers', {});
  }

  async *verbalize(target: Trace | Float32Array, options: VerbalizeOptions = {}): AsyncGenerator<VerbalizeStep> {
    const { signal, onProgress, ...rest } = options;
    const args = { target: this.target(target), ...rest };
    yield* this.channel.stream('verbalize', args, {
      signal,
      onEvent: (event) => event.kind === 'bytes' && onProgress?.(event.bytes),
    });
  }

  reconstruct(text: string): Promise<Float32Array>;
  reconstruct(texts: readonly string[]): Promise<Float32Array[]>;
  async reconstruct(text: string | readonly string[]): Promise<Float32Array | Float32Array[]> {
    const vectors = await this.channel.call('reconstruct', { texts: [text].flat() });
    return typeof text === 'string' ? vectors[0]! : vectors;
  }

  score(text: string, target: Trace | Float32Array, position?: number): Promise<Score>;
  score(texts: readonly string[], target: Trace | Float32Array, position?: number): Promise<Score[]>;
  async score(
    text: string | readonly string[],
    target: Trace | Float32Array,
    position?: number,
  ): Promise<Score | Score[]> {
    const scores = await this.channel.call('score', { texts: [text].flat(), target: this.target(target), position });
    return typeof text === 'string' ? scores[0]! : scores;
  }

  async controls(
    target: Trace | Float32Array,
    position?: number,
    options: { others?: readonly string[] } = {},
  ): Promise<ScoreControls> {
    return this.channel.call('controls', { target: this.target(target), position, others: options.others });
  }

  encode(layer: number, vectors: readonly Float32Array[]): Promise<SiteCodes> {
    return this.channel.call('encode', { layer, vectors: vectors.map((vector) => vector.slice()) });
  }

  parity(options: { signal?: AbortSignal; onCase?: (c: ParityCase) => void } = {}): Promise<ParityCase[]> {
    return this.channel.call(
      'parity',
      {},
      { signal: options.signal, onEvent: (event) => event.kind === 'parity' && options.onCase?.(event.parity) },
    );
  }

  async openSites(
    layers: readonly number[],
    options: { signal?: AbortSignal; onProgress?: (p: Progress) => void } = {},
  ): Promise<Lens> {
    const { signal, onProgress } = options;
    const info = await this.channel.call(
      'openSites',
      { layers },
      { signal, onEvent: (event) => event.kind === 'progress' && onProgress?.(event.progress) },
    );
    return new ClientLens(this.channel.succeed(), info, this.lost);
  }

  /** Ends the worker at once, and everything it holds. Does nothing if another lens has taken over. */
  async close(): Promise<void> {
    this.channel.end(new DisposedError('The lens was closed. Open it again.'));
  }

  private own(trace: Trace): number {
    if (trace instanceof ClientTrace && trace.channel === this.channel) return trace.id;
    throw new DisposedError('This trace belongs to another lens. Trace the text with this one.');
  }

  /** Copies a vector: for a view, the whole buffer would be sent. */
  private target(target: Trace | Float32Array): WordsTarget {
    return target instanceof Float32Array ? { vector: target.slice() } : { trace: this.own(target) };
  }
}

/** Opens a model in its own worker: the address of a folder, `Owner/name` of the Hub, or another source. Errors are the
 *  classes of `lens/api/errors.ts`. Aborting the signal ends the worker; downloaded parts of a large model stay in this
 *  browser's store. */
export async function openLens(model: string | SourceRequest, options: OpenOptions = {}, port?: Port): Promise<Lens> {
  return openRequest(requestOf(model, options), options, port);
}

/** Like `openLens`, for a parsed request. */
export async function openRequest(
  request: OpenRequest,
  { onProgress, signal }: Following,
  port: Port = startWorker(),
): Promise<Lens> {
  if (signal?.aborted) throw new AbortedError('Stopped.');
  let tell: (lost: { reason: string; message: string }) => void = () => {};
  const lost = new Promise<{ reason: string; message: string }>((resolve) => {
    tell = resolve;
  });
  const channel = new Channel(port, tell);
  const stop = () => channel.end(new AbortedError('Stopped.'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { model, dictionary } = request;
    const args = { ...request, model: absolute(model), dictionary: dictionary && absolute(dictionary) };
    const info = await channel.call('open', args, {
      onEvent: (event) => event.kind === 'progress' && onProgress?.(event.progress),
    });
    if (info.runtime === 'asyncify' && info.provider === 'webgpu') watch(channel, tell);
    return new ClientLens(new EngineSession(channel), info, lost);
  } catch (error) {
    channel.end(new DisposedError('The lens could not be opened.'));
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** A folder's address is relative to the page, but the worker's script lies elsewhere. */
function absolute(ref: ModelRef): ModelRef {
  if (ref.kind !== 'url') return ref;
  const base = globalThis.location?.href;
  if (!URL.canParse(ref.url, base))
    throw new InvalidOptionError(`${JSON.stringify(ref.url)} is no address of a folder.`, { address: ref.url });
  return { kind: 'url', url: new URL(ref.url, base).href };
}

/** Ends the worker when it stops answering. Counts unanswered pings, not time: the browser slows down a page in the
 *  background, and that must not count against its worker. */
export function watch(channel: Channel, tell: (lost: { reason: string; message: string }) => void): void {
  let missed = 0;
  const timer = setInterval(() => {
    if (channel.ended) return clearInterval(timer);
    if (missed >= MISSED) {
      clearInterval(timer);
      const message = 'the engine stopped answering';
      channel.end(
        new DeviceLostError(`The GPU device was lost (${message}). Text and edits are kept; restart the engine.`),
      );
      tell({ reason: 'unknown', message });
      return;
    }
    missed++;
    channel.call('ping', {}).then(
      () => {
        missed = 0;
      },
      () => {},
    );
  }, HEARTBEAT);
}
