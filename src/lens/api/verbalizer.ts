/** The public types of verbalization: an activation verbalizer (AV) says in words what a residual vector means, an
 *  activation reconstructor (AR) makes a vector of the words, and the error between the two says how much the words
 *  carried. */

/** `nla`: a trained pair. `selfie` and `patchscopes` run on the open model itself, need no training, and have no
 *  reconstructor. */
export type VerbalizerSource = 'nla' | 'selfie' | 'patchscopes';

export interface VerbalizerInfo {
  source: VerbalizerSource;
  /** As the page names it, with the folder of a trained pair. */
  name: string;
  /** The site whose vectors it was trained to read; null: it reads any open site. */
  layer: number | null;
  /** Whether `score` and `reconstruct` work. */
  scores: boolean;
  /** V: variance of the unit-length residuals on the training distribution, E|g^ - mu|^2. Null where the folder does
   *  not state it: then there is no FVE. */
  variance: number | null;
  /** What the verbalizer reached on held-out text, from its folder; null where it does not say. */
  quality: VerbalizerQuality | null;
  /** Bytes that the first `verbalize` loads; scoring alone loads the reconstructor's part of them. 0 for a
   *  training-free source that runs on the open model's own sessions. */
  bytes: number;
  /** Bytes of weights that stay in memory from the first use on, beside the open model's; about, float32. */
  memory: number;
  /** Longest answer in tokens, and the temperature used where none is given. */
  maxTokens: number;
  temperature: number;
}

/** What can put a vector into words. */
export interface VerbalizerList {
  /** The trained pair first, where the folder has one that can be used. */
  sources: VerbalizerInfo[];
  /** Why the folder's trained pair is not among them, as a sentence; null where it is, and where the folder has
   *  none. */
  notice: string | null;
}

export interface VerbalizerQuality {
  /** FVE of the verbalizer's own sentences and of another token's, means over n held-out positions with 95 %
   *  intervals. */
  own: Interval;
  shuffled: Interval;
  n: number;
  /** True where own - shuffled >= .20 with its interval. Else a panel says "not better than its control". */
  beatsControl: boolean;
}

export interface Interval {
  mean: number;
  low: number;
  high: number;
}

export interface VerbalizeOptions {
  /** Positions of the trace, verbalized as one batch; not for a bare vector. */
  position?: number | readonly number[];
  source?: VerbalizerSource; // default: the first of VerbalizerList
  /** Site to read; a trained pair reads its own and refuses another (SiteUnavailableError). Default: the pair's, or the
   *  deepest open one. */
  layer?: number;
  samples?: number; // default 1
  seed?: number; // default 16
  temperature?: number; // default VerbalizerInfo.temperature; 0 is greedy
  maxTokens?: number; // default VerbalizerInfo.maxTokens
  signal?: AbortSignal;
  /** Bytes while a trained pair is loaded, on first use. */
  onProgress?: (p: { loaded: number; total: number }) => void;
}

/** One token of one sample. */
export interface VerbalizeStep {
  /** Null for a bare vector. */
  position: number | null;
  sample: number;
  token: number;
  /** The sample's whole text so far, between the explanation tags, trimmed at its start. */
  text: string;
  /** SelfIE's relevancy: |p - p without the vector| of this token; null for a trained pair. */
  relevancy: number | null;
  /** Set on a sample's last step: ended by itself, or by maxTokens. */
  done: null | 'stop' | 'length';
}

/** A vector is compared by its direction alone: an AV sets the norm of what it reads. */
export interface Score {
  cosine: number;
  /** |p^ - g^|^2 = 2 (1 - cosine), both at unit length. */
  error: number;
  /** error / V: 0 is perfect; 1 is, on average, as far off as mu, the mean of the unit vectors, itself shorter than
   *  one. What always says one and the same direction does worse: the mean direction itself comes to 2 / (1 + |mu|) on
   *  average. Null without V. */
  relative: number | null;
  /** 1 - relative. */
  fve: number | null;
}

/** What a score has to beat. */
export interface ScoreControls {
  /** The mean direction mu / |mu| of the training distribution, a unit vector and so on average below FVE 0; null where
   *  the folder has none. */
  constant: Score | null;
  /** An explanation with nothing in it. */
  empty: Score;
  /** A sentence that fits any text. */
  generic: Score;
  /** Other tokens' explanations against this vector: their mean and the range of the middle 90 %; null where there are
   *  none. */
  shuffled: { n: number; cosine: number; fve: number | null; low: number | null; high: number | null } | null;
}
