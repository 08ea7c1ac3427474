import type { Token } from './text';

/** A rule that says where a feature fires, with its precision and recall on held-out text, 0..1;
 *  `FeatureDataInfo.labelRule` says how they were measured. */
export interface FeatureLabel {
  text: string;
  precision: number;
  recall: number;
}

/** A feature with a decoder row like another's. */
export interface RelatedFeature {
  layer: number;
  id: number;
  /** Cosine of the two decoder rows. */
  cosine: number;
  label: string | null;
}

export interface FeatureInfo {
  layer: number;
  id: number;
  label: FeatureLabel | null;
  /** Share of positions on which it fires, without position 0. `written`: in text that the model wrote and in generated
   *  arithmetic; `heldOut`: in held-out real text. Null: not stored. */
  density: { written: number | null; heldOut: number | null };
  /** How far the feature goes by itself. */
  maximum: number | null;
  /** `statistics`: over held-out text, stored with the dictionary; `seen`: the largest on this machine so far. */
  maximumFrom: 'statistics' | 'seen' | null;
  /** Firings over the written text and arithmetic, in equal bins of (0, maximum]; `maximum` is the largest latent
   *  there. Null: not stored, or never fired. */
  histogram: { counts: Uint32Array; maximum: number } | null;
  /** Ten tokens each, with the highest and lowest logit per unit of the latent: W_U[token] · (norm weight * decoder
   *  row), without the norm's division. Special tokens and tokens with partial characters are left out. */
  promoted: { id: number; text: string; logit: number }[];
  suppressed: { id: number; text: string; logit: number }[];
  /** Features of this site with the most similar decoder rows, highest cosine first. */
  similar: RelatedFeature[];
  /** The most similar feature of each other open site. */
  nearest: RelatedFeature[];
}

/** A place where a feature fires. */
export interface Snippet {
  source: 'model' | 'arithmetic';
  /** 0: among its strongest firings; 1, 2, 3: drawn from the quantiles .75–.95, .5–.75, 0–.5 of them. */
  band: number;
  /** Positions count from the snippet's beginning. */
  tokens: SnippetToken[];
  /** Index of the firing that the snippet was chosen for. */
  peak: number;
}

export interface SnippetToken extends Token {
  /** The feature's latent, to 1/255 of its maximum; 0 where it does not fire. */
  value: number;
}

/** Labels and statistics of every feature of a site, [width] each. */
export interface SiteLabels {
  layer: number;
  labels: (string | null)[];
  /** Precision and recall on held-out text; 0 without a label. */
  precision: Float32Array;
  recall: Float32Array;
  density: { written: Float32Array; heldOut: Float32Array };
  /** The tokens that each feature promotes, highest logit first: ids [width * per], and the texts of the ids that
   *  occur. */
  promoted: { per: number; ids: Uint32Array; tokens: Record<number, string> };
}
