import type { Prompt } from './api/chat';
import type { Edit, Preview } from './api/edit';
import { DisposedError, InvalidOptionError } from './api/errors';
import type { FeatureInfo, SiteLabels, Snippet } from './api/feature';
import type { BandOptions, GenerateOptions, GenerateStep } from './api/generate';
import type { Lens, LensInfo, ParityCase } from './api/lens';
import type { Progress } from './api/open';
import type { Recipe, RecipeSampling } from './api/recipe';
import type { SiteCodes } from './api/site';
import type { Token } from './api/text';
import type { Trace } from './api/trace';
import type { Score, ScoreControls, VerbalizeOptions, VerbalizerList, VerbalizeStep } from './api/verbalizer';
import { band } from './engine/band';
import { checkBegunIds } from './engine/begun-ids';
import type { Gpu } from './engine/device';
import { encodeVectors } from './engine/encode';
import { endsOf } from './engine/ends';
import { type Engine, noSite } from './engine/engine';
import { featureInfo } from './engine/feature';
import { generate } from './engine/generate';
import type { KeptWeights } from './engine/kept-weights';
import { areWhole, latentsOf } from './engine/latents';
import { type ParityOptions, parity } from './engine/parity';
import { preview } from './engine/preview';
import type { ResidentWeights } from './engine/resident';
import type { Runtime } from './engine/runtime';
import { withScope } from './engine/scope';
import { checkFeature, siteLabels, snippetsOf } from './engine/stored-facts';
import type { Read, ReadAs } from './engine/tokenizer';
import { EngineTrace } from './engine/trace';
import { recipeOf } from './exchange/recipe';
import { withDefaults } from './exchange/sampling';
import type { NlaPair } from './folders/nla-pair';
import { slice } from './kernels/compute';
import { latentOf } from './maths/report';
import { steer } from './maths/steer';
import type { Source } from './sources/source';
import { checkVector } from './verbalizer/targets';
import { Verbalizers } from './verbalizer/verbalizers';

/** Bytes of dense latents on the device at a time. With a wide dictionary, many GPUs cannot bind a whole text's. */
const DENSE_BYTES = 2 ** 26;

/** The folder that a lens was opened from, and the resources that it runs on. */
export interface LensResources {
  folder: Source;
  runtime: Runtime;
  gpu: Gpu | null;
  /** Weights of which all models are made, on the device or in the store; null: each model takes its own from the
   *  folder. */
  weights: ResidentWeights | KeptWeights | null;
  /** Opens the trained pair that was named beside the model; null: there is none but the folder's own. */
  pair: (() => Promise<NlaPair>) | null;
  /** Makes a lens with the dictionaries of other layers. Work on the device runs within `turn`, while this lens
   *  waits. */
  withSites(
    layers: readonly number[],
    options: SitesOptions,
    turn: <T>(task: () => Promise<T>) => Promise<T>,
  ): Promise<EngineLens>;
  /** Frees the resources of this lens beside its model's sessions. Unless `all`, keeps those that a lens of `withSites`
   *  goes on using. */
  release(all: boolean): void;
}

export interface SitesOptions {
  signal?: AbortSignal;
  onProgress?: (p: Progress) => void;
}

/** The lens on the engine's own thread; `worker/` puts the same interface on the page's side. */
export class EngineLens implements Lens {
  private readonly words: Verbalizers;

  constructor(
    readonly engine: Engine,
    readonly info: LensInfo,
    private readonly resources: LensResources,
    readonly lost: Promise<{ reason: string; message: string }>,
  ) {
    const { model, queue, wholeRow } = engine;
    this.words = new Verbalizers(
      engine,
      { ...resources, compute: model.compute, queue, wholeRow },
      resources.folder,
      resources.pair,
    );
  }

  async tokenize(text: Prompt, options: ReadAs = {}): Promise<Token[]> {
    const { tokenizer } = this.engine;
    const { ids, spans } = tokenizer.read(text, options);
    return tokenizer.tokens(ids, spans);
  }

  async trace(text: Prompt, options: { edits?: Edit[]; signal?: AbortSignal } & ReadAs = {}): Promise<EngineTrace> {
    return EngineTrace.create(this.engine, this.toRun(text, options), options);
  }

  async activations(
    trace: Trace,
    layer: number,
    feature: number,
    options: { on?: 'code' | 'preactivation' } = {},
  ): Promise<Float32Array> {
    const { info, dictionary } = this.site(layer);
    checkFeature(info, feature);
    const codes = trace.site(layer);
    const bare = options.on === 'preactivation';
    if (!bare && areWhole(codes)) return latentOf(codes, feature);
    const own = this.own(trace);
    const { compute } = this.engine.model;
    if (!bare)
      return this.engine.queue.run(() => latentsOf(compute, dictionary, { codes, h: own.siteState(layer).h }, feature));
    return this.engine.queue.run(() =>
      withScope(compute, async (scope) => {
        const out = scope.rows(own.tokens.length, 1);
        compute.preactivation(dictionary, own.siteState(layer).h, feature, out);
        return (await compute.read([out]))[0]!;
      }),
    );
  }

  async latents(trace: Trace, layer: number): Promise<Float32Array> {
    const own = this.own(trace);
    const { dictionary, info } = this.site(layer);
    const { compute } = this.engine.model;
    const count = own.tokens.length;
    const latents = new Float32Array(count * info.width);
    const step = Math.max(1, Math.floor(DENSE_BYTES / (4 * info.width)));
    // All in one task of the queue, since the trace may be disposed between two tasks.
    await this.engine.queue.run(async () => {
      for (let row = 0; row < count; row += step) {
        const some = Math.min(step, count - row);
        await withScope(compute, async (scope) => {
          const out = scope.rows(some, info.width);
          compute.scatter(dictionary, slice(own.siteState(layer).codes, row), some, out);
          latents.set((await compute.read([out]))[0]!, row * info.width);
        });
      }
    });
    return latents;
  }

  async preview(trace: Trace, edits: Edit[], options: { n?: number; signal?: AbortSignal } = {}): Promise<Preview> {
    return preview(this.engine, this.own(trace), edits, options);
  }

  async *generate(prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<GenerateStep> {
    const { variants = [[]], alternatives, signal } = options;
    yield* generate(this.engine, { ...this.writing(prompt, options), variants, alternatives, signal });
  }

  async band(prompt: Prompt, edits: Edit[], options: BandOptions): Promise<Float32Array[]> {
    const { seeds, signal } = options;
    return band(this.engine, { ...this.writing(prompt, options), edits, seeds, signal });
  }

  /** What a prompt is gone on from, and how. Throws InvalidOptionError where its last turn is the assistant's and
   *  whole. */
  private writing(prompt: Prompt, options: Partial<RecipeSampling> & ReadAs) {
    const { maxTokens, ...sampling } = withDefaults(options);
    const { model, tokenizer } = this.engine;
    const { ids, spans, turn } = this.toRun(prompt, options);
    if (typeof prompt !== 'string' && !prompt.open && prompt.messages.at(-1)?.role === 'assistant')
      throw new InvalidOptionError(
        'The last turn is the assistant’s and is whole: add a user’s turn, or open it, to generate.',
      );
    const plain = typeof prompt === 'string';
    const ends = endsOf(
      model.config,
      plain && !options.chat ? null : tokenizer.endOfTurn(plain ? undefined : prompt.template),
    );
    return { ids, spans, turn, ends, maxTokens, sampling };
  }

  /** A prompt as the model runs it: tokens of a begun message only where they are its content. */
  private toRun(prompt: Prompt, as: ReadAs): Read {
    const { tokenizer } = this.engine;
    const read = tokenizer.read(prompt, as);
    checkBegunIds(prompt, (ids) => tokenizer.decode(ids));
    return read;
  }

  async feature(layer: number, id: number): Promise<FeatureInfo> {
    return featureInfo(this.engine, this.site(layer), id);
  }

  async snippets(layer: number, id: number): Promise<Snippet[]> {
    return snippetsOf(this.site(layer), id, this.engine.tokenizer);
  }

  async labels(layer: number): Promise<SiteLabels | null> {
    return siteLabels(this.site(layer), this.engine.tokenizer);
  }

  async decoderRow(layer: number, id: number): Promise<Float32Array> {
    const site = this.site(layer);
    checkFeature(site.info, id);
    return this.engine.queue.run(() => site.decoderRow(id));
  }

  steer(options: { layer: number; feature: number; weight: number }): Edit {
    return steer(this.info.sites, options);
  }

  recipe(edits: readonly Edit[], sampling: Partial<RecipeSampling> = {}): Recipe {
    return recipeOf(this.info, edits, sampling);
  }

  verbalizers(): Promise<VerbalizerList> {
    return this.words.list();
  }

  async *verbalize(target: Trace | Float32Array, options: VerbalizeOptions = {}): AsyncGenerator<VerbalizeStep> {
    yield* this.words.verbalize(this.read(target), options);
  }

  reconstruct(text: string): Promise<Float32Array>;
  reconstruct(texts: readonly string[]): Promise<Float32Array[]>;
  async reconstruct(text: string | readonly string[]): Promise<Float32Array | Float32Array[]> {
    const vectors = await this.words.reconstruct([text].flat());
    return typeof text === 'string' ? vectors[0]! : vectors;
  }

  score(text: string, target: Trace | Float32Array, position?: number): Promise<Score>;
  score(texts: readonly string[], target: Trace | Float32Array, position?: number): Promise<Score[]>;
  async score(
    text: string | readonly string[],
    target: Trace | Float32Array,
    position?: number,
  ): Promise<Score | Score[]> {
    const scores = await this.words.score([text].flat(), this.read(target), position);
    return typeof text === 'string' ? scores[0]! : scores;
  }

  async controls(
    target: Trace | Float32Array,
    position?: number,
    options: { others?: readonly string[] } = {},
  ): Promise<ScoreControls> {
    return this.words.controls(this.read(target), position, options.others);
  }

  async encode(layer: number, vectors: readonly Float32Array[]): Promise<SiteCodes> {
    const site = this.site(layer);
    for (const vector of vectors) checkVector(vector, this.info.d);
    return encodeVectors(this.engine, site, vectors);
  }

  async parity(options: ParityOptions = {}): Promise<ParityCase[]> {
    return parity(this.engine, this.resources.folder, options);
  }

  async openSites(layers: readonly number[], options: SitesOptions = {}): Promise<EngineLens> {
    const next = await this.resources.withSites(layers, options, (task) => this.engine.queue.run(task));
    await this.end(
      new DisposedError(
        'Other dictionaries were opened, and this lens was closed with that. Use the lens that openSites gave.',
      ),
      false,
    );
    return next;
  }

  /** Lets the running task finish. Waiting and later calls reject with DisposedError. */
  async close(): Promise<void> {
    await this.end(new DisposedError('The lens was closed. Open it again.'), true);
  }

  private async end(error: DisposedError, all: boolean): Promise<void> {
    const { queue, model } = this.engine;
    await queue.end(error, async () => {
      await this.words.release();
      await model.release();
      this.resources.release(all);
    });
  }

  private read(target: Trace | Float32Array): EngineTrace | Float32Array {
    return target instanceof Float32Array ? target : this.own(target);
  }

  private own(trace: Trace): EngineTrace {
    if (trace instanceof EngineTrace && trace.engine === this.engine) return trace;
    throw new DisposedError('This trace belongs to another lens. Trace the text with this one.');
  }

  private site(layer: number) {
    const site = this.engine.sites.find((s) => s.layer === layer);
    if (!site) throw noSite(this.engine, layer);
    return site;
  }
}
