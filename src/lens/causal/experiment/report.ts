import type { Experiment } from './experiment';
import type { Trial } from './trial';

/** What was found, with all that it was found from: every figure can be computed again without the model. */

export const REGISTRATION_FORMAT = 'lenslet-registration-1';
export const REPORT_FORMAT = 'lenslet-causal-report-1';

/** How many of each were looked at on development prompts before. */
export interface DevelopmentLog {
  features: number;
  groups: number;
  sentences: number;
  doses: number;
  predicates: number;
  prompts: number;
}

/** An experiment, frozen before its test is opened. */
export interface Registration {
  format: typeof REGISTRATION_FORMAT;
  experiment: Experiment;
  /** Of the experiment's bytes. */
  sha256: string;
  /** Time in UTC, ISO 8601. */
  at: string;
  development: DevelopmentLog;
  /** How often each test set was opened before, by the hash of its ids. */
  testLooks: Record<string, number>;
}

/** A limit is null where too little was seen to compute it. */
export interface Limits {
  mean: number;
  low: number | null;
  high: number | null;
}

export type Family = (typeof FAMILIES)[number];
export const FAMILIES = ['direction', 'feature', 'difference', 'shuffled'] as const;

export interface FamilyStatistics {
  draws: number;
  /** Draws at least as strong as the edit. */
  reached: number;
  /** Null for a two-stage design, which says only whether its level was reached. */
  p: number | null;
  excess: Limits;
  median: number;
  p95: number;
  largest: { draw: string; value: number }[];
}

export interface ClaimStatistics {
  claim: string;
  dose: number;
  n: number;
  seeds: number;
  clusters: number;
  arms: Record<
    string,
    Limits & { undecided: number; degenerate: number; perplexity: number | null; kl: number | null }
  >;
  /** Prompts gained and lost, and the share that moved the other way. */
  effect: Limits & { gained: number; lost: number; against: number };
  families: Partial<Record<Family, FamilyStatistics>>;
  pNone: number;
  p: number | null;
  pHolm: number | null;
  guard: { passes: boolean; bound: number; reference: number };
  keeps: Record<string, Limits & { held: boolean | null }>;
  /** |change| / the largest natural move; null where no maximum is known. */
  beyondNatural: number | null;
}

export type VerdictWord = (typeof VERDICTS)[number];
export const VERDICTS = ['causes', 'no-effect', 'breaks-fluency-first', 'underpowered', 'cannot-be-tested'] as const;

export interface Verdict {
  claim: string;
  verdict: VerdictWord;
  variant?: 'none' | 'below-margin' | 'not-specific';
  need?: { prompts?: number; draws?: number };
  status: 'confirmatory' | 'exploratory';
  sentence: string;
}

/** One opening of a test set. */
export interface LedgerEntry {
  /** Hash of the set's ids. */
  testSet: string;
  at: string;
  /** Of the experiment. */
  sha256: string;
  /** 1: the first, which alone can be confirmatory. */
  look: number;
  verdicts: { claim: string; verdict: VerdictWord }[];
}

export interface Environment {
  provider: string;
  adapter: string | null;
  dtype: string;
  format: string;
  sha256: string | null;
  lenslet: string;
  runtime: string;
}

export interface Report {
  format: typeof REPORT_FORMAT;
  registration: Registration;
  environment: Environment;
  trials: Trial[];
  statistics: ClaimStatistics[];
  verdicts: Verdict[];
  ledger: LedgerEntry[];
}
