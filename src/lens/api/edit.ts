/** An edit of the residual stream, and its effect. T: tokens of the text, d: width of the residual stream. */

/** How an edit acts on one feature. With z the feature's latent at a token (see EditOn) and d its decoder row:
 *  - `add`     h += strength * d, on every token asked for
 *  - `scale`   h += strength * z * d: latent becomes (1 + strength) z, so -1 removes it and 1 doubles it
 *  - `clamp`   h += (strength - z) * d: the latent becomes `strength`; 0 removes it
 *  - `ablate`  h -= strength * z * d: 1 removes the latent
 *  What the dictionary does not explain of h, its error term, stays as it is in every mode. Strength 0 changes no bit,
 *  but for `clamp`. `add` is activation addition (Turner et al., 2023, https://arxiv.org/abs/2308.10248) along a decoder
 *  row; setting a latent is the clamping of Templeton et al. (2024,
 *  https://transformer-circuits.pub/2024/scaling-monosemanticity/), who clamp on every token. */
export type EditMode = (typeof EDIT_MODES)[number];
export const EDIT_MODES = ['add', 'scale', 'clamp', 'ablate'] as const;

/** What z is, and where an edit acts on it; `add` has no z and does not ask.
 *  - `everywhere`     z is the latent, 0 where the feature is not active: not in the top-k, or not above its threshold.
 *                     That the codes have no room for it changes nothing. Clamp acts on every token asked for: the field's clamp, as SAELens sets a feature in its `forward` with the error term.
 *  - `active`         the same z, and clamp acts only where the feature is active.
 *  - `preactivation`  z is relu of the bare pre-activation, whatever its threshold: scale and ablate act wherever it is positive, clamp on every
 *                     token asked for.
 *  Scale and ablate do nothing where z is 0, so `everywhere` and `active` are the same to them. */
export type EditOn = (typeof EDIT_ON)[number];
export const EDIT_ON = ['everywhere', 'active', 'preactivation'] as const;

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
  /** Missing: `everywhere` for clamp, else `active`, which was called `code` before. */
  on?: EditOn | 'code';
  /** Which tokens: absolute positions, or `all` (default), or words joined by full stops, each of which narrows:
   *  - when: `prompt`, `generated`, `first16` (the first 16 generated), `from-last` (from the prompt's last token on);
   *  - who: `system`, `user`, `assistant`; which message: `turn2`, from 0;
   *  - what: `thinking`, or `answer`: what the assistant says, without thinking and template;
   *  - `text`: no token of the template, and no special one.
   *  `assistant.text`, `generated.thinking`. A plain text has no turns, and words for them reach nothing in it. */
  where?: string | number[];
  /** Acts only where a feature's latent, read in this run before the edits of its site, opens a gate: at the tokens
   *  where it is above a value (`3:650 > 5`), from such a token to the end of its turn (`3:650 > 5 in turn`; a plain
   *  text is one turn), or from there until it is at most a lower value (`3:650 > 5 until 2`). That the codes
   *  had no room for it changes nothing. Its layer is at most the edit's. A prompt and what is generated behind it are one sequence. Along a random direction an edit has no
   *  gate of its own: it moves where its original does. */
  when?: string;
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
  /** 1 where its gate is open, whether or not it acts there, [T]; only with `when`. */
  open?: Uint8Array;
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
  /** The effect of each edit, in order; null for an edit that does nothing whatever its gate says, such as one of
   *  strength 0, and for one along a random direction. */
  edits: (EditReport | null)[];
}
