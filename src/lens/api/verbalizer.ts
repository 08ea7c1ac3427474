/** The public types of verbalization. An activation verbalizer (AV) describes a residual vector in words. An activation
 *  reconstructor (AR) makes a vector of the words. The error between the two vectors shows how much the words
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
  /** V: variance of the unit-length residuals on the training distribution, E|g^ - mu|^2. Null if the folder does not
   *  state it; then there is no FVE. */
  variance: number | null;
  /** The verbalizer's results on held-out text, as its folder states them; null if it does not. */
  quality: VerbalizerQuality | null;
  /** Bytes that the first `verbalize` loads; scoring alone loads the reconstructor's part of them. 0 for a
   *  training-free source that runs on the open model's own sessions. */
  bytes: number;
  /** Approximate bytes of float32 weights that stay in memory after the first use, beside the open model's. */
  memory: number;
  /** Longest answer in tokens, and the temperature used where none is given. */
  maxTokens: number;
  temperature: number;
}

/** The sources that can put a vector into words. */
export interface VerbalizerList {
  /** The trained pair comes first, if the folder has a usable one. */
  sources: VerbalizerInfo[];
  /** A sentence that says why the folder's trained pair is missing; null if it is listed or the folder has no pair. */
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
  /** error / V. 0 is perfect; 1 is the average for mu, the mean of the unit vectors, which is shorter than one. A
   *  constant unit vector does worse: even the mean direction averages 2 / (1 + |mu|). Null without V. */
  relative: number | null;
  /** 1 - relative. */
  fve: number | null;
}

/** The control scores that a score has to beat. */
export interface ScoreControls {
  /** Score of the mean direction mu / |mu| of the training distribution. As a unit vector, it averages below FVE 0.
   *  Null if the folder does not state it. */
  constant: Score | null;
  /** Score of an empty explanation. */
  empty: Score;
  /** Score of a sentence that fits any text. */
  generic: Score;
  /** Scores of other tokens' explanations: their mean and the range of the middle 90 %; null without explanations. */
  shuffled: { n: number; cosine: number; fve: number | null; low: number | null; high: number | null } | null;
}
