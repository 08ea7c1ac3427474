import { demandNumbers } from './checks';

export interface Rank {
  /** (1 + reached) / (draws + 1): never 0. */
  p: number;
  /** Draws at least as strong as the edit. */
  reached: number;
  draws: number;
}

/** Sums in another order differ in their last bits. What is so close is a tie. */
const CLOSE = 1e-12;

/** Whether a draw does at least as much as the edit; ties count against the edit. */
export const reaches = (draw: number, edit: number): boolean => draw >= edit - CLOSE * (1 + Math.abs(edit));

/** The exact rank test of an edit's statistic among those of control draws, larger = stronger (Hope 1968, J. R. Stat.
 *  Soc. B 30:582; Besag & Clifford 1989, Biometrika 76:633; Phipson & Smyth 2010). It holds where under the null the
 *  edit is one more draw: an edit that was picked needs draws that were picked likewise. */
export function rank(edit: number, draws: readonly number[]): Rank {
  demandNumbers([edit], 'The edit’s statistic');
  demandNumbers(draws, 'Control draws');
  const reached = draws.filter((draw) => reaches(draw, edit)).length;
  return { p: (1 + reached) / (draws.length + 1), reached, draws: draws.length };
}
