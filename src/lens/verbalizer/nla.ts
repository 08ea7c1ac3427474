import { throwIfAborted, VerbalizerMismatchError } from '../api/errors';
import type { Score, ScoreControls, VerbalizerInfo, VerbalizeStep } from '../api/verbalizer';
import { Model } from '../engine/model';
import type { Tokenizer } from '../engine/tokenizer';
import { openTokenizer } from '../engine/tokenizer-files';
import { checkWasm } from '../engine/wasm-limit';
import { type NlaControls, openNlaIndex, parseNlaControls } from '../folders/nla-controls';
import { checkpointBytes, type NlaHalf, openNlaHalf } from '../folders/nla-files';
import { parseValueHead, VALUE_HEAD } from '../folders/nla-head';
import type { NlaPair } from '../folders/nla-pair';
import { openWeights } from '../folders/weights';
import { buildLinearHead } from '../graph/decoder';
import { scoreOf, shuffled } from '../maths/score';
import { heldMemory, insideBytes } from '../sizes';
import type { ReadOptions } from '../sources/folder';
import { subfolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { Ar } from './ar';
import { Av } from './av';
import { assertSuffix, avPrompt } from './prompt';
import { type LoadOptions, SharedLoad } from './shared';
import type { DeviceContext, ScoringSource, VectorTarget, VerbalizeRun } from './source';

/** As Neuronpedia asks its own. */
const TEMPERATURE = 0.7;
/** Released pairs answer in 80 to 130 tokens. */
const MAX_TOKENS = 200;
/** For a folder without a sentence of its own that fits any text. */
const GENERIC = 'A passage of text that goes on from what stands before.';

/** A half, with the bytes that its first use loads. */
type Half = NlaHalf & { bytes: number };

/** The contents of a pair's folder, all but the weights. */
interface PairFiles {
  av: Half;
  ar: Half;
  controls: NlaControls | null;
}

/** The trained pair of a model folder, or in its place `pair`, for a model `d` wide with `layers` blocks; null where the
 *  folder has none. Loads no weights: the first use does. */
export async function openNla(
  folder: Source,
  host: DeviceContext,
  model: { d: number; layers: number },
  signal?: AbortSignal,
  pair?: NlaPair | null,
): Promise<NlaSource | null> {
  const options = { signal };
  const index = pair ? null : await openNlaIndex(folder, options);
  const halves = pair ?? (index && { av: subfolder(folder, index.av), ar: subfolder(folder, index.ar) });
  if (!halves) return null;
  const av = await openNlaHalf(halves.av, 'av', model, options);
  const ar = await openNlaHalf(halves.ar, 'ar', model, options);
  if (av.meta.layer !== ar.meta.layer)
    throw new VerbalizerMismatchError(
      `The av reads layer ${av.meta.layer} and the ar writes layer ${ar.meta.layer}. They are of different pairs.`,
      {
        av: av.meta.layer,
        ar: ar.meta.layer,
      },
    );
  const { d, layer } = av.meta;
  const controls = !index?.controls
    ? null
    : parseNlaControls(await folder.read(index.controls, options), index.controls, { d, layer });
  const bytes = index?.bytes ?? {
    av: await checkpointBytes(av.folder, options),
    ar: (await checkpointBytes(ar.folder, options)) + ((await ar.folder.stat(VALUE_HEAD, options))?.size ?? 0),
  };
  return new NlaSource(host, { av: { ...av, bytes: bytes.av }, ar: { ...ar, bytes: bytes.ar }, controls });
}

/** A trained activation verbalizer, and the reconstructor that judges its sentences. Scoring a text loads only the
 *  reconstructor. */
export class NlaSource implements ScoringSource {
  readonly info: VerbalizerInfo;
  private readonly av = new SharedLoad((options) => this.loadAv(options));
  private readonly ar = new SharedLoad((options) => this.loadAr(options));
  /** Vectors of the controls that are the same for every target. */
  private fixed: Promise<{ empty: Float32Array; generic: Float32Array }> | null = null;
  private others: Promise<Float32Array[]> | null = null;

  constructor(
    private readonly host: DeviceContext,
    readonly files: PairFiles,
    /** For the benchmark: whether to run the constant part of the AV's prompt only once. */
    private readonly keepPrefix = true,
  ) {
    const { av, ar, controls } = files;
    this.info = {
      source: 'nla',
      name: `Trained pair (${[av, ar].map((half) => half.folder.name.split('/').slice(-2).join('/')).join(', ')})`,
      layer: av.meta.layer,
      scores: true,
      variance: controls?.variance ?? null,
      quality: controls?.quality ?? null,
      bytes: av.bytes + ar.bytes,
      memory: memoryOf(av) + memoryOf(ar),
      maxTokens: Math.min(MAX_TOKENS, av.config.contextLength),
      temperature: TEMPERATURE,
    };
  }

  async *verbalize(targets: readonly VectorTarget[], run: VerbalizeRun): AsyncGenerator<VerbalizeStep> {
    const av = await this.both(run);
    yield* av.verbalize(targets, run);
  }

  async reconstruct(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const ar = await this.ar.get({ signal });
    return ar.reconstruct(texts, signal);
  }

  async score(texts: readonly string[], vector: Float32Array, signal?: AbortSignal): Promise<Score[]> {
    return this.scores(await this.reconstruct(texts, signal), vector);
  }

  async controls(
    vector: Float32Array,
    { others, signal }: { others?: readonly string[]; signal?: AbortSignal } = {},
  ): Promise<ScoreControls> {
    const { controls } = this.files;
    await this.ar.get({ signal });
    throwIfAborted(signal);
    const { empty, generic } = await this.constants();
    const rest = others ? await this.reconstruct(others, signal) : await this.ownTexts();
    throwIfAborted(signal);
    const one = (made: Float32Array) => scoreOf(made, vector, this.info.variance);
    return {
      constant: controls && one(controls.mean),
      empty: one(empty),
      generic: one(generic),
      shuffled: shuffled(this.scores(rest, vector)),
    };
  }

  async release(): Promise<void> {
    await this.av.release();
    await this.ar.release();
  }

  private scores(made: readonly Float32Array[], vector: Float32Array): Score[] {
    return made.map((one) => scoreOf(one, vector, this.info.variance));
  }

  // All callers share the result, so no caller's signal stops it.
  private constants() {
    this.fixed ??= this.reconstruct(['', this.files.controls?.generic ?? GENERIC]).then(
      ([empty, generic]) => ({ empty: empty!, generic: generic! }),
      (error) => {
        this.fixed = null;
        throw error;
      },
    );
    return this.fixed;
  }

  private ownTexts(): Promise<Float32Array[]> {
    this.others ??= this.reconstruct(this.files.controls?.texts ?? []).catch((error) => {
      this.others = null;
      throw error;
    });
    return this.others;
  }

  /** Loads the verbalizer, then the reconstructor that will score its words, and counts their bytes as one load. */
  private async both({ signal, onProgress }: LoadOptions): Promise<Av> {
    const behind = this.ar.now ? 0 : this.files.ar.bytes;
    let before = 0;
    const ofAv: LoadOptions['onProgress'] = ({ loaded, total }) => {
      before = total;
      onProgress?.({ loaded, total: total + behind });
    };
    const av = await this.av.get({ signal, onProgress: ofAv });
    await this.ar.get({
      signal,
      onProgress: ({ loaded, total }) => onProgress?.({ loaded: before + loaded, total: before + total }),
    });
    return av;
  }

  private async loadAv(options: LoadOptions): Promise<Av> {
    const { host } = this;
    const { folder, config, meta, bytes } = this.files.av;
    const tokenizer = await this.tokenizer(this.files.av, options);
    const prompt = avPrompt(tokenizer, meta);
    if (prompt.ids.length >= config.contextLength)
      throw new VerbalizerMismatchError(
        `The AV's prompt has ${prompt.ids.length} tokens and its context ${config.contextLength}: no room for an answer.`,
        {},
      );
    const weights = await openWeights(folder, counted(bytes, options));
    const injection = { at: 'embedding', mode: 'overwrite' } as const;
    return new Av(
      host,
      await this.model({ config, weights, injection }, options),
      tokenizer,
      prompt,
      meta.scale,
      this.keepPrefix,
    );
  }

  private async loadAr(options: LoadOptions): Promise<Ar> {
    const { host } = this;
    const { folder, config, meta, bytes } = this.files.ar;
    const tokenizer = await this.tokenizer(this.files.ar, options);
    assertSuffix(tokenizer, meta);
    // Check the head before the weights, which are many times as long: we have seen a damaged head.
    const file = await folder.read(VALUE_HEAD, { signal: options.signal });
    const head = buildLinearHead(config.d, parseValueHead(file, `${folder.name}/${VALUE_HEAD}`, config.d));
    const weights = await openWeights(folder, counted(bytes, options, file.length));
    return new Ar(host, await this.model({ config, weights, head }, options), tokenizer, meta);
  }

  private model(
    parts: Pick<Parameters<typeof Model.create>[0], 'config' | 'weights' | 'injection' | 'head'>,
    { signal }: LoadOptions,
  ): Promise<Model> {
    const { runtime, gpu, compute, queue } = this.host;
    return queue.run(() => Model.create({ ...parts, sites: [], runtime, gpu, compute, signal }));
  }

  /** The tokenizer of a half. Throws UnsupportedModelError first if the half is too large for wasm. */
  private tokenizer(half: NlaHalf, { signal }: LoadOptions): Promise<Tokenizer> {
    this.checkSize(half);
    return openTokenizer(half.folder, half.config, { signal });
  }

  private checkSize({ config, meta: { role } }: NlaHalf): void {
    if (!this.host.gpu) checkWasm(`The ${role}`, heldMemory(config, { head: headOf(role) }));
  }
}

/** Bytes that a half's weights take as float32. */
function memoryOf({ config, meta: { role } }: NlaHalf): number {
  return insideBytes(config, headOf(role));
}

const headOf = (role: 'av' | 'ar') => (role === 'av' ? 'unembedding' : 'linear');

/** Options for reading a half of `bytes`, after `before` of these bytes were read. */
function counted(bytes: number, { signal, onProgress }: LoadOptions, before = 0): ReadOptions {
  return {
    signal,
    onBytes: (loaded) => onProgress?.({ loaded: before + loaded, total: Math.max(bytes, before + loaded) }),
  };
}
