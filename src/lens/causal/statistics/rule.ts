import { demand } from './checks';

/** How a rule judged texts of which the answer is known. */
export interface RuleFigures {
  /** Share of texts with the behaviour that it finds. */
  sensitivity: number;
  /** Share of the others that it leaves. */
  specificity: number;
}

/** Youden's index: 1 for a perfect rule, 0 for one that guesses (Youden 1950, Cancer 3:32). */
export function youden({ sensitivity, specificity }: RuleFigures): number {
  for (const one of [sensitivity, specificity])
    demand(one >= 0 && one <= 1, `A sensitivity or specificity must lie between 0 and 1; it is ${one}.`);
  return sensitivity + specificity - 1;
}

/** The rate of texts with the behaviour, from the rate that the rule found, cut to [0, 1]; null for a rule no better
 *  than guessing (Rogan & Gladen 1978, Am. J. Epidemiol. 107:71). */
export function trueRate(found: number, figures: RuleFigures): number | null {
  demand(found >= 0 && found <= 1, `A rate must lie between 0 and 1; it is ${found}.`);
  const index = youden(figures);
  return index > 0 ? Math.min(1, Math.max(0, (found + figures.specificity - 1) / index)) : null;
}
