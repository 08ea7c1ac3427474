/** What a rule says of texts of which a person knows whether they are the behaviour. Undecided counts as not fired, as in
 *  rates. */

/** k of n texts; the interval is made of them elsewhere. */
export interface Count {
  k: number;
  n: number;
}

export interface CheckSet {
  /** Texts of the behaviour on which the rule fired. */
  sensitivity: Count;
  /** Texts of something else on which it did not. */
  specificity: Count;
  undecided: { positive: number; negative: number };
}

export interface Validity {
  /** Sensitivity + specificity - 1 (Youden, 1950); null without texts. */
  youden: number | null;
  /** Null: the rule may be tested with. Else why not. */
  refused: string | null;
}

/** Fewest texts of each kind. */
export const LEAST_CHECKED = 20;
export const LEAST_YOUDEN = 0.5;

/** The value from which a rule counts as fired, where it gives a number between 0 and 1. */
const FIRED = 0.5;

export const fired = (value: number | null): boolean => value !== null && value >= FIRED;

/** Counts what a rule said of texts of the behaviour, and of texts of something else. */
export function checkSet(positive: readonly (number | null)[], negative: readonly (number | null)[]): CheckSet {
  const undecided = (values: readonly (number | null)[]) => values.filter((value) => value === null).length;
  return {
    sensitivity: { k: positive.filter(fired).length, n: positive.length },
    specificity: { k: negative.filter((value) => !fired(value)).length, n: negative.length },
    undecided: { positive: undecided(positive), negative: undecided(negative) },
  };
}

/** Whether a rule separates well enough for a test. */
export function validity({ sensitivity, specificity }: CheckSet): Validity {
  const enough = sensitivity.n > 0 && specificity.n > 0;
  const youden = enough ? sensitivity.k / sensitivity.n + specificity.k / specificity.n - 1 : null;
  for (const [{ n }, what] of [
    [sensitivity, 'texts that are the behaviour'],
    [specificity, 'texts that are not'],
  ] as const)
    if (n < LEAST_CHECKED) return { youden, refused: `${n} ${what} were checked: check at least ${LEAST_CHECKED}.` };
  if (youden !== null && youden < LEAST_YOUDEN)
    return {
      youden,
      refused: `The rule finds ${said(sensitivity)} of the behaviour and passes over ${said(specificity)} of the rest: write a rule that separates them better.`,
    };
  return { youden, refused: null };
}

const said = ({ k, n }: Count) => `${k} of ${n} texts`;
