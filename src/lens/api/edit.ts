/** An edit of the residual stream, and its effect. T: tokens of the text, d: width of the residual stream. */

/** How an edit acts on one feature. With z the feature's latent at a token and d its decoder row:
 *  - `add`     h += strength * d, on every token asked for
 *  - `scale`   h += strength * z * d: latent becomes (1 + strength) z, so -1 removes it and 1 doubles it
 *  - `clamp`   h += (strength - z) * d: the latent becomes `strength`
 *  - `ablate`  h -= strength * z * d: 1 removes the latent
 *  In every mode strength 0 is off and changes no bit. `add` is activation addition (Turner et al., 2023,
 *  https://arxiv.org/abs/2308.10248) along a decoder row; setting a latent is the clamping of Templeton et al. (2024,
 *  https://transformer-circuits.pub/2024/scaling-monosemanticity/), who clamp on every token. */
export type EditMode = (typeof EDIT_MODES)[number];
export const EDIT_MODES = ['add', 'scale', 'clamp', 'ablate'] as const;

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

/** The effect of an edited trace's edits at one site, per token. */
export interface ChangeReport {
  layer: number;
  /** How many of the site's edits acted at this token, [T]. */
  acted: Uint8Array;
  /** |change of the residual| at this token, [T]. */
  change: Float32Array;
  /** |h| before the edits, [T]. */
  norm: Float32Array;
}

/** The effect of one edit on every token of a prompt. Edits of one site all see the same residual, so their changes
 *  add up as vectors. */
export interface EditReport {
  layer: number;
  /** 1 where it acts, [T]. */
  acted: Uint8Array;
  /** |its change of the residual| at each token, [T]. */
  change: Float32Array;
  /** |h| before the site's edits, [T]. */
  norm: Float32Array;
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
  /** The joint effect of all edits of a site. */
  reports: ChangeReport[];
  /** The effect of each edit, in order; null for an edit that does nothing (strength 0) or moves along a random
   *  direction. */
  edits: (EditReport | null)[];
}
