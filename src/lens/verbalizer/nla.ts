import type { Folder } from '../artifacts/folder';
import { parseJson } from '../artifacts/json';
import { type NlaControls, openNlaIndex, parseNlaControls } from '../artifacts/nla-controls';
import { checkpointBytes, fileBytes, type NlaHalf, openNlaHalf } from '../artifacts/nla-files';
import { parseValueHead, VALUE_HEAD } from '../artifacts/nla-head';
import { openWeights } from '../artifacts/weights';
import { Model } from '../engine/model';
import { parameters, WASM_PARAMETERS } from '../engine/probe';
import { Tokenizer } from '../engine/tokenizer';
import { ShapeMismatchError, throwIfAborted, UnsupportedModelError, VerbalizerMismatchError } from '../errors';
import { buildLinearHead } from '../graph/qwen3';
import type { Score, ScoreControls, VerbalizerInfo, VerbalizeStep } from '../verbalizer-types';
import { Ar } from './ar';
import { Av } from './av';
import { assertSuffix, avPrompt } from './prompt';
import { scoreOf, shuffled } from './score';
import { type LoadOptions, SharedLoad } from './shared';
import type { Host, ScoringSource, Target, VerbalizeRun } from './source';

/** As Neuronpedia asks its own. */
const TEMPERATURE = 0.7;
/** Released pairs answer in 80 to 130 tokens. */
const MAX_TOKENS = 200;
/** For a folder that brings no sentence of its own that fits any text. */
const GENERIC = 'A passage of text that goes on from what stands before.';

interface Pair {
  av: Av;
  ar: Ar;
}

/** What a pair's folder says of it, all but the weights. */
interface PairFiles {
  av: NlaHalf;
  ar: NlaHalf;
  controls: NlaControls | null;
  bytes: number;
}

/** The trained pair of a model folder, for a model `d` wide with `layers` blocks; null where the folder has none. Loads no weights: the first use does. */
export async function openNla(folder: Folder, host: Host, model: { d: number; layers: number }, signal?: AbortSignal): Promise<NlaSource | null> {
  const options = { signal };
  const index = await openNlaIndex(folder, options);
  if (!index) return null;
  const av = await openNlaHalf(folder, index.av, 'av', model, options);
  const ar = await openNlaHalf(folder, index.ar, 'ar', model, options);
  if (av.meta.layer !== ar.meta.layer)
    throw new VerbalizerMismatchError(`The av reads layer ${av.meta.layer} and the ar writes layer ${ar.meta.layer}. They are of different pairs.`, {
      av: av.meta.layer,
      ar: ar.meta.layer,
    });
  const { d, layer } = av.meta;
  const controls = index.controls === null ? null : parseNlaControls(await folder.read(index.controls, options), index.controls, { d, layer });
  const weights = [await checkpointBytes(av.folder, options), await checkpointBytes(ar.folder, options)];
  const head = (await fileBytes(ar.folder, VALUE_HEAD, options)) ?? 0;
  return new NlaSource(host, { av, ar, controls, bytes: weights[0]! + weights[1]! + head });
}

/** A trained activation verbalizer and the reconstructor that its sentences are judged by. */
export class NlaSource implements ScoringSource {
  readonly info: VerbalizerInfo;
  private readonly pair: SharedLoad<Pair>;
  /** Whose sessions are open. */
  private readonly made: { release(): Promise<void> }[] = [];
  /** Vectors of the controls that no target changes. */
  private fixed: Promise<{ empty: Float32Array; generic: Float32Array }> | null = null;
  private others: Promise<Float32Array[]> | null = null;

  constructor(
    private readonly host: Host,
    readonly files: PairFiles,
    /** For the benchmark: whether the constant part of the AV's prompt is run once or every time. */
    private readonly keepPrefix = true,
  ) {
    const { av, ar, controls, bytes } = files;
    this.info = {
      source: 'nla',
      name: `Trained pair (${[av, ar].map((half) => half.folder.name.split('/').slice(-2).join('/')).join(', ')})`,
      layer: av.meta.layer,
      scores: true,
      variance: controls?.variance ?? null,
      quality: controls?.quality ?? null,
      bytes,
      memory: memoryOf(av) + memoryOf(ar),
      maxTokens: Math.min(MAX_TOKENS, av.config.contextLength),
      temperature: TEMPERATURE,
    };
    this.pair = new SharedLoad((options) => this.load(options));
  }

  async *verbalize(targets: readonly Target[], run: VerbalizeRun): AsyncGenerator<VerbalizeStep> {
    const { av } = await this.pair.get(run);
    yield* av.verbalize(targets, run);
  }

  async reconstruct(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const { ar } = await this.pair.get({ signal });
    return ar.reconstruct(texts, signal);
  }

  async score(texts: readonly string[], vector: Float32Array, signal?: AbortSignal): Promise<Score[]> {
    return this.scores(await this.reconstruct(texts, signal), vector);
  }

  async controls(vector: Float32Array, { others, signal }: { others?: readonly string[]; signal?: AbortSignal } = {}): Promise<ScoreControls> {
    const { controls } = this.files;
    await this.pair.get({ signal });
    throwIfAborted(signal);
    const { empty, generic } = await this.constants();
    const rest = others ? await this.reconstruct(others, signal) : await this.ownTexts();
    throwIfAborted(signal);
    const one = (made: Float32Array) => scoreOf(made, vector, this.info.variance);
    return { constant: controls && one(controls.mean), empty: one(empty), generic: one(generic), shuffled: shuffled(this.scores(rest, vector)) };
  }

  async release(): Promise<void> {
    for (const half of this.made.splice(0)) await half.release();
  }

  private scores(made: readonly Float32Array[], vector: Float32Array): Score[] {
    return made.map((one) => scoreOf(one, vector, this.info.variance));
  }

  // Kept for every caller: none's signal stops them.
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

  private async load({ signal, onProgress }: LoadOptions): Promise<Pair> {
    let before = 0;
    let now = 0;
    const onBytes = (loaded: number) => {
      now = loaded;
      onProgress?.({ loaded: before + now, total: Math.max(this.info.bytes, before + now) });
    };
    const options: ReadWeights = {
      signal,
      onBytes,
      next: () => {
        before += now;
        now = 0;
      },
    };
    try {
      const av = await this.loadAv(options);
      const ar = await this.loadAr(options);
      throwIfAborted(signal);
      return { av, ar };
    } catch (error) {
      await this.host.queue.run(() => this.release()).catch(() => {});
      throw error;
    }
  }

  private async loadAv(options: ReadWeights): Promise<Av> {
    const { host } = this;
    const { folder, config, meta } = this.files.av;
    this.checkSize(this.files.av);
    const tokenizer = await openTokenizer(this.files.av, options.signal);
    const prompt = avPrompt(tokenizer, meta);
    if (prompt.ids.length >= config.contextLength)
      throw new VerbalizerMismatchError(`The AV's prompt has ${prompt.ids.length} tokens and its context ${config.contextLength}: no room for an answer.`, {});
    const weights = await openWeights(folder, options);
    options.next();
    const { runtime, gpu, compute, queue } = host;
    return queue.run(async () => {
      const injection = { at: 'embedding', mode: 'overwrite' } as const;
      const model = await Model.create({ config, weights, sites: [], injection, runtime, gpu, compute, signal: options.signal });
      const av = new Av(host, model, tokenizer, prompt, meta.scale, this.keepPrefix);
      this.made.push(av);
      return av;
    });
  }

  private async loadAr(options: ReadWeights): Promise<Ar> {
    const { host } = this;
    const { folder, config, meta } = this.files.ar;
    this.checkSize(this.files.ar);
    const tokenizer = await openTokenizer(this.files.ar, options.signal);
    assertSuffix(tokenizer, meta);
    const weights = await openWeights(folder, options);
    options.next();
    const head = buildLinearHead(config.d, parseValueHead(await folder.read(VALUE_HEAD, options), `${folder.name}/${VALUE_HEAD}`, config.d));
    const { runtime, gpu, compute, queue } = host;
    return queue.run(async () => {
      const model = await Model.create({ config, weights, sites: [], head, runtime, gpu, compute, signal: options.signal });
      const ar = new Ar(host, model, tokenizer, meta);
      this.made.push(ar);
      return ar;
    });
  }

  private checkSize({ config, meta: { role } }: NlaHalf): void {
    if (this.host.gpu || parameters(config) <= WASM_PARAMETERS) return;
    const millions = (n: number) => Math.round(n / 1e6);
    throw new UnsupportedModelError(
      `The ${role} has ${millions(parameters(config))} million parameters; WebAssembly runs up to ${millions(WASM_PARAMETERS)} million. Use a browser with WebGPU on a real GPU.`,
    );
  }
}

/** Bytes that a half's weights take as float32; of an AR a little less, whose unembedding is not loaded. A tied embedding stands in two sessions. */
function memoryOf({ config, meta: { role } }: NlaHalf): number {
  return 4 * (parameters(config) + (config.tied && role === 'av' ? config.vocabularySize * config.d : 0));
}

interface ReadWeights {
  signal?: AbortSignal;
  onBytes: (loaded: number) => void;
  /** A file is read; the next one counts from 0. */
  next(): void;
}

async function openTokenizer({ folder, config }: NlaHalf, signal?: AbortSignal): Promise<Tokenizer> {
  const read = async (file: string) => parseJson(await folder.read(file, { signal }), `${folder.name}/${file}`);
  const tokenizer = new Tokenizer(await read('tokenizer.json'), await read('tokenizer_config.json'));
  if (tokenizer.size <= config.vocabularySize) return tokenizer;
  throw new ShapeMismatchError(
    `The tokenizer in ${folder.name} has ids up to ${tokenizer.size - 1}, its model's vocabulary ends at ${config.vocabularySize - 1}. They are not of one model.`,
  );
}
