/**
 * The public types of Lenslet. Everything here is plain data that crosses a Web Worker by structured clone,
 * or an interface that both the engine and its worker client implement.
 *
 * Words: a *site* is the residual stream after decoder block `layer` (HF `hidden_states[layer + 1]`);
 * T tokens of the text, d width of the residual stream, k active latents per token, V vocabulary size.
 */

import type { FeatureInfo, SiteLabels, Snippet } from './feature';
import type { DictionaryFormat, Origin, SourceRequest, WeightFormat } from './model';
import type { Recipe, RecipeSampling } from './recipe';
import type { Score, ScoreControls, VerbalizeOptions, VerbalizerList, VerbalizeStep } from './verbalizer';

export type { FeatureInfo, FeatureLabel, RelatedFeature, SiteLabels, Snippet, SnippetToken } from './feature';
export type {
  DictionaryFormat,
  HubSource,
  KeptEntry,
  LensStore,
  Origin,
  PickedFolder,
  SourceRequest,
  StoreProgress,
  StoreUsage,
  WeightFormat,
} from './model';
export type { Recipe, RecipeDictionary, RecipeSampling } from './recipe';
export type {
  Interval,
  Score,
  ScoreControls,
  VerbalizeOptions,
  VerbalizerInfo,
  VerbalizerList,
  VerbalizerQuality,
  VerbalizerSource,
  VerbalizeStep,
} from './verbalizer';

export type Provider = 'webgpu' | 'wasm';

/** How an edit acts on one feature. With z the feature's latent at a token and d its decoder row:
 *  - `add`     h += strength * d, on every token asked for
 *  - `scale`   h += strength * z * d: latent becomes (1 + strength) z, so -1 removes it and 1 doubles it
 *  - `clamp`   h += (strength - z) * d: the latent becomes `strength`
 *  - `ablate`  h -= strength * z * d: 1 removes the latent
 *  In every mode strength 0 is off and changes no bit. */
export type EditMode = 'add' | 'scale' | 'clamp' | 'ablate';

/** A direction given by its numbers, [d]. */
export interface VectorDirection {
  vector: Float32Array;
  relativeToNorm?: boolean;
}

export interface Edit {
  layer: number;
  feature?: number;
  mode: EditMode;
  strength: number;
  /** What z is. `code` (default): the latent after top-k, so the edit acts only where the feature is in the top-k.
   *  `preactivation`: relu of the bare pre-activation, so scale and ablate act wherever it is positive and clamp acts
   *  everywhere asked for. */
  on?: 'code' | 'preactivation';
  /** Which tokens: all (default), the prompt's, the generated ones, or absolute positions. */
  where?: 'all' | 'prompt' | 'generated' | number[];
  /** `feature` (default) moves along the decoder row. `random` moves along one random unit direction per seed and
   *  layer, by the |change| that the same edit along its own direction (`of`, else the feature's) makes at that
   *  position. `vector` (mode `add` only, d numbers) moves along that vector: by strength * vector, or with
   *  `relativeToNorm` by strength * |h| * vector / |vector|. */
  direction?: 'feature' | { random: number; of?: VectorDirection } | VectorDirection;
}

export interface Token {
  id: number;
  /** What this token alone decodes to; a byte-split character shows as U+FFFD. */
  text: string;
  position: number;
  special: boolean;
  /** Set on tokens that share one byte-split character: the joint text, this token's place in it and how many there
   *  are. */
  fragment?: { text: string; index: number; count: number };
}

export interface SiteInfo {
  layer: number;
  width: number;
  k: number;
  /** Where mu of FVU comes from: a mean over held-out text, or b_dec where there is none. */
  center: 'mean' | 'b_dec';
  /** Median residual norm over held-out text, when the dictionary's statistics have it. */
  normMedian: number | null;
  /** Each feature's maximum over held-out text, [width], when the statistics have it (0: never seen active). */
  maximum: Float32Array | null;
  density: Float32Array | null;
  /** SHA-256 of the dictionary's sae_weights.safetensors in hex, as sha256sum prints it; null where it was not taken
   *  (see LensInfo.sha256). */
  sha256: string | null;
  /** What the feature data beside the dictionary are over; null where there are none: then features have no labels,
   *  histograms or snippets. */
  features: FeatureDataInfo | null;
}

export interface FeatureDataInfo {
  /** Tokens of text that the model wrote, of generated arithmetic, and of held-out real text. */
  tokens: { written: number; arithmetic: number; heldOut: number };
  /** How labels were chosen and measured, in a sentence. */
  labelRule: string;
}

export interface LensInfo {
  model: string;
  /** SHA-256 of model.safetensors in hex, as sha256sum prints it; of shards, that of the lines which sha256sum prints
   *  for them in the order of their names. Null where it was not taken: a file of more than 64 MB, or no
   *  `crypto.subtle` (a page that is neither https nor localhost). */
  sha256: string | null;
  layers: number;
  d: number;
  vocabulary: number;
  sites: SiteInfo[];
  /** Of the folder's effects.json, those on features that are open; none without the file. */
  effects: Effect[];
  provider: Provider;
  /** The GPU as the browser names it, or why there is none. */
  adapter: string;
  /** True where WebGPU is emulated on the CPU. */
  software: boolean;
  subgroups: boolean;
  /** Of the activations. */
  dtype: 'float32' | 'float16';
  /** Of the weights. */
  format: WeightFormat;
  /** Null: opened from an address and kept nowhere. */
  origin: Origin | null;
  /** Layers whose dictionary can be opened with `openSites`; those of `sites` among them. */
  openable: number[];
  /** Bytes that stay on the device while the model is open: weights, and the open dictionaries. */
  memory: { weights: number; dictionaries: number };
  /** Tokens a text may have here; `contextOfModel`: what the model itself allows, where that is more a notice says
   *  why. */
  contextLength: number;
  contextOfModel: number;
  chat: boolean;
  /** Every Han character of the vocabulary: what a page needs glyphs for. */
  han: string;
  /** How ONNX Runtime waits for the GPU; `asyncify` cannot notice a lost device by itself. `plain` has no GPU to wait
   *  for: WebAssembly in Node. */
  runtime: 'jspi' | 'asyncify' | 'plain';
  /** Sentences the user should see: fallbacks taken, and why. */
  notices: string[];
}

/** Codes of T tokens at one site. Per token: descending values, ties by lower id, unused slots id 0xFFFFFFFF and value
 *  0. */
export interface SiteCodes {
  layer: number;
  k: number;
  ids: Uint32Array; // [T * k]
  values: Float32Array; // [T * k]
  /** |h - h^|^2 / |h - mu|^2 per token, [T]. */
  fvu: Float32Array;
  /** |h| per token, [T]. */
  norm: Float32Array;
}

/** What an edited trace's edits did at one site, per token. */
export interface ChangeReport {
  layer: number;
  /** How many of the site's edits acted at this token, [T]. */
  acted: Uint8Array;
  /** |change of the residual| at this token, [T]. */
  change: Float32Array;
  /** |h| before the edits, [T]. */
  norm: Float32Array;
}

/** What one edit does to every token of a prompt. Edits of one site all see the same residual, so their changes add up
 *  as vectors. */
export interface EditReport {
  layer: number;
  /** 1 where it acts, [T]. */
  acted: Uint8Array;
  /** |its change of the residual| at each token, [T]. */
  change: Float32Array;
  /** |h| before the site's edits, [T]. */
  norm: Float32Array;
}

export interface TokenLogprob {
  id: number;
  /** The token's text; its bytes, `‹E5 8D›`, where they are no whole characters. */
  text: string;
  logprob: number;
}

export interface Moved {
  id: number;
  text: string;
  base: number; // probability without the edits
  edited: number; // probability with them
}

/** The next-token view of a steering preview. */
export interface Preview {
  /** The tokens whose probability moved most, largest |edited - base| first. */
  moved: Moved[];
  /** KL(edited || base) in nats over the whole vocabulary, at the last position. */
  kl: number;
  /** What all edits of a site do together. */
  reports: ChangeReport[];
  /** What each edit does, in their order; null for those that do nothing (strength 0) or move along a random
   *  direction. */
  edits: (EditReport | null)[];
}

export interface GeneratedRow {
  token: number;
  text: string;
  /** log p of the token under this row's own distribution at T = 1. */
  logprob: number;
  /** Codes per layer of the token *fed* at this step, that is the one before `token`; k slots each. */
  codes: Record<number, SiteCodes>;
  /** Edits that acted while computing this step, over all sites. */
  acted: number;
  /** |change| summed in quadrature over sites, and the residual norm at the same sites. */
  change: number;
  norm: number;
  /** KL(this row || unedited) in nats at equal prefix; null for a row without edits. */
  kl: number | null;
  /** -log p(token) under the unedited model at equal prefix; null for a row without edits. */
  surprisal: number | null;
  done: null | 'stop' | 'length' | 'context' | 'source';
}

export interface GenerateStep {
  /** Absolute position of the sampled token. */
  position: number;
  /** One entry a variant; null once the row is done. */
  rows: (GeneratedRow | null)[];
  /** Probability mass the sampler could see (1 unless the vocabulary is cut before top-p). */
  mass: number;
  /** Milliseconds this step took. */
  ms: number;
}

export interface GenerateOptions {
  variants?: Edit[][]; // default [[]]
  maxTokens?: number; // default 48
  temperature?: number; // default 0.7; 0 is greedy
  topP?: number; // default 0.95
  seed?: number; // default 16
  signal?: AbortSignal;
  chat?: boolean;
}

/** How the control band is drawn: as the run it stands behind. */
export interface BandOptions extends Required<Pick<GenerateOptions, 'maxTokens' | 'temperature' | 'topP' | 'seed'>> {
  /** One random direction a seed. */
  seeds: number[];
  chat?: boolean;
  signal?: AbortSignal;
}

/** How often something happened in n texts, with a 95 % interval. */
export interface Rate {
  rate: number;
  low: number;
  high: number;
  n: number;
}

/** An edit whose effect was measured against controls of equal |change|. */
export interface Effect {
  name: string;
  title: string;
  /** Whether the edited rate stands apart from all others. */
  shipped: boolean;
  /** A text on which the effect shows. */
  prompt: string;
  chat: boolean;
  edit: Edit & { feature: number };
  maxTokens: number;
  rates: { baseline: Rate; edited: Rate; randomDirections: Rate; randomFeatures: Rate };
  /** What was measured and found, in a sentence. */
  claim: string;
}

export interface Trace {
  readonly text: string;
  readonly tokens: Token[];
  /** Sites of this trace; throws SiteUnavailableError for another layer. */
  site(layer: number): SiteCodes;
  reports(): ChangeReport[];
  /** Residual after block `layer` before that site's edits, [d]. */
  residual(layer: number, position: number): Promise<Float32Array>;
  /** The n likeliest next tokens after `position`. */
  top(position: number, n: number): Promise<TokenLogprob[]>;
  /** Logit lens: the site's residual at `position` through the final norm and unembedding. */
  lens(layer: number, position: number, n: number): Promise<TokenLogprob[]>;
  /** -log p of each token given those before it, [T]; NaN at position 0. */
  surprisal(): Promise<Float32Array>;
  dispose(): void;
}

export interface ParityCase {
  name: string;
  ok: boolean;
  /** Largest |h - golden| / |golden| over sites and positions, and where. */
  residual: number;
  logit: number;
  fvu: number;
  /** Top-k ids that differ and are no ties. */
  mismatches: number;
  worst: string;
}

export interface Lens {
  readonly info: LensInfo;
  tokenize(text: string, options?: { chat?: boolean }): Promise<Token[]>;
  trace(text: string, options?: { edits?: Edit[]; chat?: boolean; signal?: AbortSignal }): Promise<Trace>;
  /** One feature over all tokens of a trace, [T]. */
  activations(
    trace: Trace,
    layer: number,
    feature: number,
    options?: { on?: 'code' | 'preactivation' },
  ): Promise<Float32Array>;
  /** Dense latents of a trace at a site, [T * width]. */
  latents(trace: Trace, layer: number): Promise<Float32Array>;
  /** Next-token view under `edits` after the trace's last token; runs only the part of the model above the lowest
   *  edited site. */
  preview(trace: Trace, edits: Edit[], options?: { n?: number; signal?: AbortSignal }): Promise<Preview>;
  generate(prompt: string, options?: GenerateOptions): AsyncIterable<GenerateStep>;
  /** Control band: what `draws` further random directions, matched to the edits position by position, do to the KL over
   *  this text. One right-padded unedited prefill over the drawn texts gives the shadow. Returns one KL series per
   *  draw. */
  band(prompt: string, edits: Edit[], options: BandOptions): Promise<Float32Array[]>;
  feature(layer: number, id: number): Promise<FeatureInfo>;
  /** Where a feature fires: strongest firings first, then band by band. None where there are no feature data. */
  snippets(layer: number, id: number): Promise<Snippet[]>;
  /** All labels of a site; null where there are no feature data. */
  labels(layer: number): Promise<SiteLabels | null>;
  /** The feature's row of W_dec as it lies on the device, [d]: what `add` of strength 1 adds to the residual. */
  decoderRow(layer: number, id: number): Promise<Float32Array>;
  /** An `add` edit of weight x the feature's maximum. */
  steer(options: { layer: number; feature: number; weight: number }): Edit;
  /** The edits as a recipe for this model, to write down with `writeRecipe`; sampling that is not given is `generate`'s
   *  default. */
  recipe(edits: readonly Edit[], sampling?: Partial<RecipeSampling>): Recipe;
  /** What can put a vector into words: the folder's trained pair first, where it has one, then the sources that need no
   *  training. A pair that is damaged or does not fit is left out, and `notice` says why; what needs it rejects with
   *  the error itself. Loads no weights. */
  verbalizers(): Promise<VerbalizerList>;
  /** Says what residuals mean: those of a trace at `position`, or a bare vector [d], a decoder row for instance.
   *  Streams token by token, all positions and samples in lockstep. Leaving the loop cancels. A trained pair is loaded
   *  on its first use, and reads directions alone; SelfIE and Patchscopes put a vector in with its own norm, so bring a
   *  decoder row to the length of the site's residuals (SiteInfo.normMedian) first. */
  verbalize(target: Trace | Float32Array, options?: VerbalizeOptions): AsyncIterable<VerbalizeStep>;
  /** AR(text): the vector that a text describes, [d]; its direction alone means something. Several texts run as a
   *  batch. */
  reconstruct(text: string): Promise<Float32Array>;
  reconstruct(texts: readonly string[]): Promise<Float32Array[]>;
  /** How well a text describes the pair's site of a trace at `position`, or a bare vector. Several texts run as a
   *  batch. Loads the pair's reconstructor alone. */
  score(text: string, target: Trace | Float32Array, position?: number): Promise<Score>;
  score(texts: readonly string[], target: Trace | Float32Array, position?: number): Promise<Score[]>;
  /** What a score has to beat. `others`: explanations of other tokens; without them, those that the pair's folder
   *  brings along. */
  controls(
    target: Trace | Float32Array,
    position?: number,
    options?: { others?: readonly string[] },
  ): Promise<ScoreControls>;
  /** Codes of bare vectors [d] under the dictionary of a site: which features they hold. */
  encode(layer: number, vectors: readonly Float32Array[]): Promise<SiteCodes>;
  /** The same model with the dictionaries of other layers; its weights stay where they are. This lens is closed, and
   *  with it its traces. On failure, or where it is stopped, this lens stays open. */
  openSites(
    layers: readonly number[],
    options?: { signal?: AbortSignal; onProgress?: (p: Progress) => void },
  ): Promise<Lens>;
  /** golden.json of the model folder, run on this machine. */
  parity(options?: { signal?: AbortSignal; onCase?: (c: ParityCase) => void }): Promise<ParityCase[]>;
  close(): Promise<void>;
  /** Resolves when the device is lost; never where the lens is closed or runs on wasm. */
  readonly lost: Promise<{ reason: string; message: string }>;
}

export interface Progress {
  /** `wait`: another tab fetches the same. `download`: a large model's or dictionary's files, converted and kept as
   *  they come; `upload`: kept parts to the GPU. */
  stage: 'config' | 'tokenizer' | 'weights' | 'wait' | 'download' | 'dictionary' | 'upload' | 'compile' | 'probe';
  loaded: number; // bytes, of this stage
  total: number; // bytes, 0 where unknown
}

export interface OpenOptions {
  onProgress?: (p: Progress) => void;
  sites?: number[];
  provider?: 'auto' | Provider;
  signal?: AbortSignal;
  /** `auto` (default): f32 up to 64 million parameters, q4 above. Anything but f32 needs WebGPU and this browser's
   *  store. */
  format?: 'auto' | WeightFormat;
  /** Where dictionaries are that are not in the model's folder: `Owner/name` of the Hub, or any other source, with
   *  Qwen-Scope's `layer{n}.sae.pt` or SAELens folders. `sites` then says which layers are opened; the middle one by
   *  default. */
  dictionary?: string | SourceRequest;
  dictionaryFormat?: DictionaryFormat; // f16 by default
  /** Active features a token, of dictionaries that do not say so themselves: neither by a cfg.json nor by a name that
   *  ends as `…-L0_50`. */
  k?: number;
  /** Of a model, and of a dictionary, that is named as `Owner/name`. */
  hub?: { revision?: string; dictionaryRevision?: string; endpoint?: string; token?: string };
}
