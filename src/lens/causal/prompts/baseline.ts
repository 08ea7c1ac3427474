/** What a set's prompts do without an edit, before anything is tested with them. */

export interface Unedited {
  /** The prompt's id. */
  prompt: string;
  /** Mean over its texts, in [0, 1]; null: undecided. */
  outcome: number | null;
  /** Tokens of its texts. */
  tokens: number;
}

export interface Baseline {
  n: number;
  /** Undecided counts as 0. */
  rate: number;
  /** The rate is 0 or 1: nothing is left to lose, or to gain. */
  saturated: 0 | 1 | null;
  /** Prompts after which nothing was written. */
  empty: string[];
  undecided: string[];
  /** Sentences that name what is wrong. */
  warnings: string[];
}

/** Names saturated and empty baselines. `writes`: whether the outcome reads a written text. */
export function baselineOf(prompts: readonly Unedited[], writes: boolean): Baseline {
  const n = prompts.length;
  const rate = n === 0 ? 0 : prompts.reduce((sum, { outcome }) => sum + (outcome ?? 0), 0) / n;
  const saturated = n > 0 && (rate === 0 || rate === 1) ? rate : null;
  const empty = writes ? ids(prompts.filter(({ tokens }) => tokens === 0)) : [];
  const undecided = ids(prompts.filter(({ outcome }) => outcome === null));
  const warnings: string[] = [];
  if (n === 0) warnings.push('No prompt was run.');
  if (saturated === 0)
    warnings.push(`Without an edit the outcome is 0 on all ${n} prompts: an edit can only raise it.`);
  if (saturated === 1)
    warnings.push(`Without an edit the outcome is 1 on all ${n} prompts: an edit can only lower it.`);
  if (empty.length > 0) warnings.push(`After ${empty.length} of ${n} prompts the model writes nothing.`);
  if (undecided.length > 0) warnings.push(`The rule could not judge ${undecided.length} of ${n} texts.`);
  return { n, rate, saturated, empty, undecided, warnings };
}

const ids = (prompts: readonly Unedited[]) => prompts.map(({ prompt }) => prompt);
