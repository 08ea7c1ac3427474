/** The interface of an open model, which the engine and its client in the page both implement. Everything in it is
 *  plain data that crosses a Web Worker by structured clone. T: tokens of the text, d: width of the residual stream. */

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
