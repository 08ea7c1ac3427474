/** Effects of edits that were measured against controls. */

import type { Edit } from './edit';

/** How often something happened in n texts, with a 95 % interval. */
export interface Rate {
  rate: number;
  low: number;
  high: number;
  n: number;
}

/** An edit whose effect was measured against controls of equal |change|. */
export interface Effect {
  name: string;
  title: string;
  /** Whether the edited rate stands apart from all others. */
  shipped: boolean;
  /** A text on which the effect shows. */
  prompt: string;
  chat: boolean;
  edit: Edit & { feature: number };
  maxTokens: number;
  rates: { baseline: Rate; edited: Rate; randomDirections: Rate; randomFeatures: Rate };
  /** What was measured and found, in a sentence. */
  claim: string;
}
