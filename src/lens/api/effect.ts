/** Effects of edits that were measured against controls. */

import type { Edit } from './edit';

/** How often something happened in n texts, with a 95 % interval. */
export interface Rate {
  rate: number;
  low: number;
  high: number;
  n: number;
}

/** A text on which the same edits should do nothing, and how often the same thing happened to texts of its kind. */
export interface Beside {
  prompt: string;
  /** The texts that were counted, in words: "sums". */
  tried: string;
  baseline: Rate;
  edited: Rate;
}

/** Of some random groups of features, as large as the effect's own and treated as it treats them, the one that did
 *  most. */
export interface StrongestOther {
  features: { layer: number; feature: number }[];
  rate: number;
  /** Groups that were drawn. */
  of: number;
}

/** Edits whose joint effect was measured against controls of equal |change|. */
export interface Effect {
  name: string;
  title: string;
  /** Whether the edited rate stands apart from all others. */
  shipped: boolean;
  /** `natural`: no edit takes its feature beyond what it does by itself, 0 to its maximum, or moves along its direction
   *  by more than that, either way. Null: not said. */
  range: 'natural' | 'beyond' | null;
  /** A text on which the effect shows. */
  prompt: string;
  beside: Beside | null;
  chat: boolean;
  /** One to five. */
  edits: (Edit & { feature: number })[];
  maxTokens: number;
  /** The texts that were counted, in words: "held-out products". */
  tried: string;
  /** What was counted, as said of these texts: "come out wrong". */
  outcome: string;
  rates: { baseline: Rate; edited: Rate; randomDirections: Rate; randomFeatures: Rate };
  /** Of all random directions and groups of features along which an equal change was made, the one that did most. */
  strongestChange: { rate: number; of: number } | null;
  strongestOther: StrongestOther | null;
  /** What was measured and found, in sentences. */
  claim: string;
}
