/** Rules on continuations as an experiment writes them. A file must say every key that has no default. */

export type Compare = '>' | '>=' | '<=';

export type Outcome =
  | Contains
  | Regex
  | Script
  | Answer
  | { type: 'json' }
  | { type: 'verse' }
  | { type: 'varied' }
  | Length
  | Starts
  | NextToken
  | Target
  | Asks
  | { type: 'sheet'; question: string }
  | Combined;

/** One of the texts (`any`), or each of them (`all`), occurs at least `least` times. */
export interface Contains {
  type: 'contains';
  any?: string[];
  all?: string[];
  /** Case and width do not count. */
  fold: boolean;
  least: number;
}

export interface Regex {
  type: 'regex';
  pattern: string;
  /** Of i, m, s and u. */
  flags: string;
}

/** The share of a script among the letters (\p{L}). */
export interface Script {
  type: 'script';
  /** A value of the Unicode property Script. */
  script: string;
  share: number;
  compare: Compare;
  /** With fewer letters the rule is undecided. */
  letters: number;
}

/** A number in the text equals what is expected, both as canonical decimals. */
export interface Answer {
  type: 'answer';
  /** `after`: the first number behind the first occurrence of a text. */
  pick: 'first-number' | 'last-number' | { after: string };
  /** `expect`: what the prompt's item says; else a number, as digits. */
  equals: string;
}

/** In tokens. */
export interface Length {
  type: 'length';
  min: number;
  max: number | null;
}

/** The text, without white space at that end, begins or ends with one of the texts. */
export interface Starts {
  type: 'starts' | 'ends';
  any: string[];
  fold: boolean;
}

export interface NextToken {
  type: 'nextToken';
  tokens: (string | number)[];
  read: 'mass' | 'logodds';
  /** For log-odds. */
  against?: (string | number)[];
}

export interface Target {
  type: 'target';
  /** `{ expect: true }`: what the prompt's item says. */
  text: string | { expect: true };
  against: string;
  per: 'token' | 'total';
}

export interface Asks {
  type: 'asks';
  /** Holds {text} once. */
  template: string;
  yes: string;
  no: string;
  least: number;
}

export type Combined = { type: 'not'; of: Outcome } | { type: 'and' | 'or'; of: Outcome[] };

export type OutcomeOf<T extends Outcome['type']> = Extract<Outcome, { type: T }>;
