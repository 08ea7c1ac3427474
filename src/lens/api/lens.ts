/** The interface of an open model, which the engine and its client in the page both implement. Everything in it is
 *  plain data that crosses a Web Worker by structured clone. T: tokens of the text, d: width of the residual stream. */

import type { Prompt } from './chat';
import type { Edit, Preview } from './edit';
import type { Effect } from './effect';
import type { FeatureInfo, SiteLabels, Snippet } from './feature';
import type { BandOptions, GenerateOptions, GenerateStep } from './generate';
import type { Origin, WeightFormat } from './model';
import type { Progress, Provider } from './open';
import type { Recipe, RecipeSampling } from './recipe';
import type { SiteCodes, SiteInfo } from './site';
import type { Token } from './text';
import type { Trace } from './trace';
import type { Score, ScoreControls, VerbalizeOptions, VerbalizerList, VerbalizeStep } from './verbalizer';

export interface LensInfo {
  model: string;
  /** SHA-256 of model.safetensors in hex, as sha256sum prints it. For shards: the SHA-256 of sha256sum's lines for
   *  them, in the order of their names. Null if not computed: the file has more than 64 MB, or there is no
   *  `crypto.subtle` (a page that is neither https nor localhost). */
  sha256: string | null;
  layers: number;
  d: number;
  vocabulary: number;
  sites: SiteInfo[];
  /** The effects in the folder's effects.json whose features are open; empty without the file. */
  effects: Effect[];
  provider: Provider;
  /** The browser's name for the GPU, or the reason why there is no GPU. */
  adapter: string;
  /** True where WebGPU is emulated on the CPU. */
  software: boolean;
  subgroups: boolean;
  /** Number type of the activations. */
  dtype: 'float32' | 'float16';
  /** Format of the weights. */
  format: WeightFormat;
  /** Null for a model that was opened from an address and is kept nowhere. */
  origin: Origin | null;
  /** Layers whose dictionary `openSites` can open, including the layers of `sites`. */
  openable: number[];
  /** Bytes that stay on the device while the model is open: weights, and the open dictionaries. */
  memory: { weights: number; dictionaries: number };
  /** Tokens a text may have here. `contextOfModel` is the model's own limit; if that is larger, a notice says why. */
  contextLength: number;
  contextOfModel: number;
  /** Whether the tokenizer has a chat template. A base model may have one too. Where none of them is named `default`,
   *  each conversation must name its own, and a text cannot be put into a user's turn with `chat`. */
  chat: boolean;
  /** Names of its templates; a template without a name is `default`. */
  templates: string[];
  /** Whether the default template knows `enable_thinking`. Of the others it says nothing: `thinking` works in each that
   *  knows it. */
  thinking: boolean;
  /** What the tokenizer itself puts before a text, such as `<｜begin▁of▁sentence｜>`; null: nothing. It stands in
   *  `Trace.tokens`, at position 0. */
  bos: string | null;
  /** Every Han character of the vocabulary. A page needs glyphs for them. */
  han: string;
  /** How ONNX Runtime waits for the GPU; `asyncify` cannot notice a lost device by itself. `plain` has no GPU to wait
   *  for: WebAssembly in Node. */
  runtime: 'jspi' | 'asyncify' | 'plain';
  /** Sentences the user should see: fallbacks taken, and why. */
  notices: string[];
}

export interface ParityCase {
  name: string;
  ok: boolean;
  /** Largest |h - golden| / |golden| over sites and positions, and where. */
  residual: number;
  logit: number;
  fvu: number;
  /** Wrong slots of the top-k: an id or a value differs, and not by a tie. */
  mismatches: number;
  worst: string;
}

export interface Lens {
  readonly info: LensInfo;
  /** `chat`, here and below: a text is one user's turn, in the model's own template, up to where the assistant begins.
   *  `prependBos`, here and below: false leaves out what the tokenizer puts before a plain text (LensInfo.bos). By
   *  default it is there, as with Hugging Face's `tokenizer(text)`, but never twice; what a tokenizer puts behind a text
   *  is left out, since the text may be gone on with. A template writes its own. */
  tokenize(text: Prompt, options?: { chat?: boolean; prependBos?: boolean }): Promise<Token[]>;
  trace(
    text: Prompt,
    options?: { edits?: Edit[]; chat?: boolean; prependBos?: boolean; signal?: AbortSignal },
  ): Promise<Trace>;
  /** One feature's latent over all tokens of a trace, [T]; or relu of its bare pre-activation, whatever its
   *  threshold. */
  activations(
    trace: Trace,
    layer: number,
    feature: number,
    options?: { on?: 'code' | 'preactivation' },
  ): Promise<Float32Array>;
  /** Dense latents of a trace at a site, [T * width]: those that are kept (SiteInfo.k). */
  latents(trace: Trace, layer: number): Promise<Float32Array>;
  /** Next-token view under `edits` after the trace's last token; runs only the part of the model above the lowest
   *  edited site. */
  preview(trace: Trace, edits: Edit[], options?: { n?: number; signal?: AbortSignal }): Promise<Preview>;
  generate(prompt: Prompt, options?: GenerateOptions): AsyncIterable<GenerateStep>;
  /** Control band: what `draws` further random directions, matched to the edits position by position, do to the KL over
   *  this text. One right-padded unedited prefill over the drawn texts gives the shadow. Returns one KL series per
   *  draw. */
  band(prompt: Prompt, edits: Edit[], options: BandOptions): Promise<Float32Array[]>;
  feature(layer: number, id: number): Promise<FeatureInfo>;
  /** Texts in which a feature fires: strongest firings first, then band by band. Empty without feature data. */
  snippets(layer: number, id: number): Promise<Snippet[]>;
  /** All labels of a site; null without feature data. */
  labels(layer: number): Promise<SiteLabels | null>;
  /** The feature's row of W_dec as it lies on the device, [d]: what `add` of strength 1 adds to the residual. */
  decoderRow(layer: number, id: number): Promise<Float32Array>;
  /** An `add` edit of weight x the feature's stored maximum. Throws InvalidEditError where the dictionary stores none:
   *  then the edit is written with its strength. */
  steer(options: { layer: number; feature: number; weight: number }): Edit;
  /** The edits as a recipe for this model, which `writeRecipe` turns into a file's text. Missing sampling options take
   *  `generate`'s defaults. */
  recipe(edits: readonly Edit[], sampling?: Partial<RecipeSampling>): Recipe;
  /** The sources that can put a vector into words: the folder's trained pair first, if it has one, then the sources
   *  without training. A pair that is damaged or does not fit is left out: `notice` says why, and calls that need the
   *  pair reject with that error. Loads no weights. */
  verbalizers(): Promise<VerbalizerList>;
  /** Describes a trace's residuals at `position`, or a bare vector [d], for instance a decoder row. Streams token by
   *  token, all positions and samples in lockstep. Leaving the loop cancels. A trained pair is loaded on its first use
   *  and reads directions alone. SelfIE and Patchscopes keep a vector's norm, so scale a decoder row to the length of
   *  the site's residuals (SiteInfo.normMedian) first. */
  verbalize(target: Trace | Float32Array, options?: VerbalizeOptions): AsyncIterable<VerbalizeStep>;
  /** AR(text): the vector that a text describes, [d]; its direction alone means something. Several texts run as a
   *  batch. */
  reconstruct(text: string): Promise<Float32Array>;
  reconstruct(texts: readonly string[]): Promise<Float32Array[]>;
  /** How well a text describes a trace's residual at the pair's site and `position`, or a bare vector. Several texts
   *  run as a batch. Loads the pair's reconstructor alone. */
  score(text: string, target: Trace | Float32Array, position?: number): Promise<Score>;
  score(texts: readonly string[], target: Trace | Float32Array, position?: number): Promise<Score[]>;
  /** The control scores that a score has to beat. `others`: explanations of other tokens; by default those in the
   *  pair's folder. */
  controls(
    target: Trace | Float32Array,
    position?: number,
    options?: { others?: readonly string[] },
  ): Promise<ScoreControls>;
  /** Codes of bare vectors [d] under the dictionary of a site: which features they hold. */
  encode(layer: number, vectors: readonly Float32Array[]): Promise<SiteCodes>;
  /** Opens the same model with the dictionaries of other layers; its weights stay where they are. Closes this lens and
   *  its traces. If the opening fails or is stopped, this lens stays open. */
  openSites(
    layers: readonly number[],
    options?: { signal?: AbortSignal; onProgress?: (p: Progress) => void },
  ): Promise<Lens>;
  /** Runs the golden.json of the model folder on this machine. */
  parity(options?: { signal?: AbortSignal; onCase?: (c: ParityCase) => void }): Promise<ParityCase[]>;
  close(): Promise<void>;
  /** Resolves when the device is lost. Closing the lens does not resolve it; on wasm it never resolves. */
  readonly lost: Promise<{ reason: string; message: string }>;
}
