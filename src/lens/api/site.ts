/** A *site* is the residual stream after decoder block `layer` (HF `hidden_states[layer + 1]`). T: tokens of the text, d:
 *  width of the residual stream, k: active latents a token. */

export interface SiteInfo {
  layer: number;
  width: number;
  k: number;
  /** Source of mu in the FVU: a mean over held-out text, or b_dec if there is no such mean. */
  center: 'mean' | 'b_dec';
  /** Median residual norm over held-out text, when the dictionary's statistics have it. */
  normMedian: number | null;
  /** Each feature's maximum over held-out text, [width], when the statistics have it (0: never seen active). */
  maximum: Float32Array | null;
  density: Float32Array | null;
  /** SHA-256 of the dictionary's sae_weights.safetensors in hex, as sha256sum prints it; null if not computed (see
   *  LensInfo.sha256). */
  sha256: string | null;
  /** The feature data beside the dictionary; null if there are none. Then features have no labels, histograms or
   *  snippets. */
  features: FeatureDataInfo | null;
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
}
