/** Text generation, several variants in lockstep. */

import type { Edit } from './edit';
import type { SiteCodes } from './site';

export interface GenerateOptions {
  variants?: Edit[][]; // default [[]]
  maxTokens?: number; // default 48
  temperature?: number; // default 0.7; 0 is greedy
  topP?: number; // default 0.95
  seed?: number; // default 16
  signal?: AbortSignal;
  chat?: boolean;
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
  done: null | 'stop' | 'length' | 'context' | 'source';
}

/** Options of a control band. Take all but `seeds` from the run behind which the band is drawn. */
export interface BandOptions extends Required<Pick<GenerateOptions, 'maxTokens' | 'temperature' | 'topP' | 'seed'>> {
  /** One random direction a seed. */
  seeds: number[];
  chat?: boolean;
  signal?: AbortSignal;
}
