import type { Continuation } from './continuation';

/** What a rule can read beside the text. The runner reads it with the model, or takes it from a file, before the rule
 *  judges; a rule without need of it never asks. Log-probabilities are in nats. */
export interface Readings {
  /** What the prompt expects, as its item says. */
  expect?: string;
  /** log P(token | prompt): the first token after the prompt, in the arm's own run. A text must be one token. */
  logProb?(token: string | number): number;
  /** log P(text | prompt), teacher-forced in the arm's own run, and of how many tokens it is the sum. */
  logProbText?(text: string): { sum: number; tokens: number };
  /** log P(answer | template with the text), for both answers, by the model without edits. */
  asked?(question: { template: string; yes: string; no: string }): { yes: number; no: number };
  /** Whether the pattern matches the text; null where the time limit ended the search. The caller runs it where it can
   *  be ended, since a pattern may take longer than anybody waits. */
  matches?(pattern: string, flags: string): boolean | null;
  /** The label that a sheet gives the text; null without one. */
  label?(question: string): 0 | 1 | null;
}

/** What is judged: a continuation, and what was read beside it. */
export interface Evidence extends Continuation {
  readings?: Readings;
}

/** A rule on a continuation. */
export interface Judge {
  /** A number in [0, 1]; null: undecided. Throws OutcomeError where a reading that it needs is not there. */
  judge(evidence: Evidence): number | null;
  /** What `judge` will say of every text that begins with this one, as long as that is certain; else null. */
  decided(soFar: Evidence): 0 | 1 | null;
  /** The number whose sign `judge` reports, where there is one: log-odds, in nats, without bounds. */
  score?(evidence: Evidence): number;
}

export type Verdict = 0 | 1 | null;

export const verdict = (holds: boolean): 0 | 1 => (holds ? 1 : 0);
export const never = (): null => null;
