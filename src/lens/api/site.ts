/** A *site* is the residual stream after decoder block `layer` (HF `hidden_states[layer + 1]`). T: tokens of the text, d:
 *  width of the residual stream, k: codes that are kept a token. */

export interface SiteInfo {
  layer: number;
  width: number;
  /** Codes that are kept a token. Of a top-k dictionary its k; else room for the largest ones, and a token may have more
   *  (SiteCodes.active). */
  k: number;
  /** Which pre-activations p become latents: the `topk` largest above 0, or all above their feature's `threshold`. */
  activation: 'topk' | 'threshold';
  about: DictionaryAbout;
  /** Source of mu in the FVU: a mean over held-out text, or b_dec if there is no such mean. */
  center: 'mean' | 'b_dec';
  /** Median residual norm over held-out text, when the dictionary's statistics have it: what sinks are told by. */
  normMedian: number | null;
  /** Each feature's maximum over held-out text, [width], when the statistics have it (0: never seen active). */
  maximum: Float32Array | null;
  density: Float32Array | null;
  /** The FVU against the mean that its statistics state, and here; null where they state none. */
  fvu: DictionaryFvu | null;
  /** SHA-256 of the dictionary's weights file in hex, as sha256sum prints it; null if not computed (see LensInfo.sha256),
   *  and of a file that is compressed or of float64, whose bytes are not read as they are. */
  sha256: string | null;
  /** The feature data beside the dictionary; null if there are none. Then features have no labels, histograms or
   *  snippets. */
  features: FeatureDataInfo | null;
}

/** A dictionary's FVU over many tokens: the sum of |h - h^|^2 over that of |h - mean|^2. */
export interface DictionaryFvu {
  /** Over held-out text of the model that it was trained on. */
  stated: number;
  /** On this model: of a short English text that is traced each time a kept dictionary is opened, without position 0 and
   *  sinks. Null where it was not measured: in a folder that is read at each opening, where the mean is not known, where
   *  the text is longer than the context, fewer than 32 of its tokens count, or a number of the run was not finite. */
  probe: number | null;
  /** Whether `probe` is so far above `stated` that the dictionary is hardly of this model and layer. A notice says so. */
  far: boolean;
}

/** What a dictionary's files say of it. */
export interface DictionaryAbout {
  /** Who wrote the files: `SAELens`, `Qwen-Scope`, `sparsify`, …; null of a dictionary that an earlier version kept. */
  library: string | null;
  /** How it was trained, by its library's own name: `topk`, `batchtopk`, `AutoEncoderTopK`, …; null if not stated. */
  architecture: string | null;
  /** Its folder within the source, without '/' at its end; '' is the source's own. */
  folder: string;
  /** Active latents a token, on average over its training text; null if not stated. */
  l0: number | null;
  /** Widths of a matryoshka dictionary's levels, from the innermost on; null for others. */
  levels: number[] | null;
}

/** A dictionary of which nothing is known. */
export const UNSTATED: DictionaryAbout = { library: null, architecture: null, folder: '', l0: null, levels: null };

/** One of several dictionaries that a source holds, before any of them is opened. */
export interface DictionaryChoice {
  layer: number;
  /** `about.folder` names it in `OpenOptions.folders`. */
  about: DictionaryAbout;
  /** The file's name, of a dictionary that is one of several files in its folder. */
  file?: string | undefined;
  /** Each of these is null where only the weights' file says it. */
  d: number | null;
  width: number | null;
  activation: SiteInfo['activation'] | null;
  /** Of a top-k dictionary; null for others as well. */
  k: number | null;
}

export interface FeatureDataInfo {
  /** Tokens of text that the model wrote, of generated arithmetic, and of held-out real text. */
  tokens: { written: number; arithmetic: number; heldOut: number };
  /** How labels were chosen and measured, in a sentence. */
  labelRule: string;
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
  /** |h - mu| per token, [T]: what of the residual is the token's own. A residual is mostly its mean. */
  centred: Float32Array;
  /** Latents that are active, [T]: at most k of a top-k dictionary, and of others perhaps more than are kept. FVU is of
   *  all of them. */
  active: Uint32Array;
  /** The largest channel's share of |h|^2 per token, [T], 0..1. With `norm` it tells attention sinks (`sinksOf`), which
   *  what sums or ranks over tokens leaves out. */
  peak: Float32Array;
}
