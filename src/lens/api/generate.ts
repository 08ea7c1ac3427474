/** Text generation, several variants in lockstep. */

import type { Section } from './chat';
import type { Edit } from './edit';
import type { RecipeSampling } from './recipe';
import type { SiteCodes } from './site';
import type { TokenLogprob } from './text';

export interface GenerateOptions {
  variants?: Edit[][]; // default [[]]
  maxTokens?: number; // default 48
  temperature?: number; // default 0.7; 0 is greedy
  topP?: number; // default 0.95
  seed?: number; // default 16
  /** At most 16 texts, of 1 to 200 characters each, that end a row: its last token is the one that completes one of
   *  them. They are sought in what the row says, not in the prompt. Default: none. */
  stop?: string[];
  /** Divides the positive logits, and multiplies the negative ones, of all tokens of the prompt and of the row so far
   *  (Keskar et al., 2019, https://arxiv.org/abs/1909.05858), each token once, before the temperature. 0.1 to 10;
   *  default: 1, none. log p, KL and surprisal are the model's own, without it. Of a vocabulary that is cut (see
   *  GenerateStep.mass) it weighs the largest logits only: below 1 it raises no token from outside. */
  repetitionPenalty?: number;
  /** How many of the likeliest tokens each row lists: 0, the default, to 50. */
  alternatives?: number;
  signal?: AbortSignal;
  chat?: boolean;
  prependBos?: boolean;
}

export interface GenerateStep {
  /** Absolute position of the sampled token. */
  position: number;
  /** One entry a variant; null once the row is done. */
  rows: (GeneratedRow | null)[];
  /** Probability mass the sampler could see (1 unless the vocabulary is cut before top-p). */
  mass: number;
  /** Milliseconds this step took. */
  ms: number;
}

export interface GeneratedRow {
  token: number;
  /** The whole characters that the token completes, also one that the prompt's last tokens began. Empty for a token that
   *  ends the row with `stop`; another last token ends in U+FFFD where a character is incomplete. */
  text: string;
  /** log p of the token under this row's own distribution at T = 1. */
  logprob: number;
  /** Codes per layer of the token *fed* at this step, that is the one before `token`; k slots each. */
  codes: Record<number, SiteCodes>;
  /** Edits that acted while computing this step, over all sites. */
  acted: number;
  /** |change| summed in quadrature over sites, and the residual norm at the same sites. */
  change: number;
  norm: number;
  /** KL(this row || unedited) in nats at equal prefix; null for a row without edits. */
  kl: number | null;
  /** -log p(token) under the unedited model at equal prefix; null for a row without edits. */
  surprisal: number | null;
  /** For each of the variant's edits with `when`, in their order: whether its gate was open at the token fed at this
   *  step; for an edit along a random direction, its original's. Only in rows with such edits. */
  gates?: boolean[];
  /** The likeliest next tokens under this row's own distribution at T = 1; as many as `alternatives` asked for. */
  alternatives?: TokenLogprob[];
  /** What the sampled token is; only behind a conversation, or behind a text with `chat`. */
  section?: Section;
  done: null | 'stop' | 'sequence' | 'length' | 'context' | 'source';
}

/** Options of a control band. Take all but `seeds` from the run behind which the band is drawn. */
export interface BandOptions extends RecipeSampling {
  /** One random direction a seed. */
  seeds: number[];
  chat?: boolean;
  prependBos?: boolean;
  signal?: AbortSignal;
}
