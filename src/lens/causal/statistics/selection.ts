import { demand, demandCount, demandNumbers } from './checks';
import { type Rank, rank } from './rank';
import { drawsNeeded } from './several';

/**
 * What a claim was chosen from. The rank test holds where the edit is one more draw under the null; one that was picked
 * is not, also when the test prompts were sealed, since a direction does nearly the same on both halves. So either
 * every control draw is picked likewise, or p pays for every look.
 */
export interface Selection {
  /** Features, groups or sentences looked at. */
  candidates: number;
  signs: number;
  doses: number;
}

/** One candidate's statistics in the claim's direction, larger = stronger: [signs][doses] on the development prompts,
 *  and the same on the test prompts. */
export interface Candidate {
  development: readonly (readonly number[])[];
  test: readonly (readonly number[])[];
}

/** What was picked, and its statistics. */
export interface Pick {
  candidate: number;
  sign: number;
  dose: number;
  development: number;
  test: number;
}

function demandSelection({ candidates, signs, doses }: Selection): void {
  demandCount(candidates, 'Candidates', 1);
  demandCount(signs, 'Signs', 1);
  demandCount(doses, 'Doses', 1);
}

function demandCandidates(candidates: readonly Candidate[], selection: Selection): void {
  demandSelection(selection);
  const { candidates: count, signs, doses } = selection;
  const what = `A pick needs ${count} candidates, each with ${signs} × ${doses} statistics on either half: as many as the claim was chosen from.`;
  demand(candidates.length === count, what);
  for (const { development, test } of candidates)
    for (const half of [development, test]) {
      demand(half.length === signs && half.every((row) => row.length === doses), what);
      for (const row of half) demandNumbers(row, 'Statistics of a candidate');
    }
}

/** All picks that are strongest on the development prompts, in the order given. */
function strongest(candidates: readonly Candidate[]): [Pick, ...Pick[]] {
  let best: Pick[] = [];
  candidates.forEach((one, candidate) => {
    one.development.forEach((row, sign) => {
      row.forEach((development, dose) => {
        if (best.length > 0 && development < best[0]!.development) return;
        if (best.length > 0 && development > best[0]!.development) best = [];
        best.push({ candidate, sign, dose, development, test: one.test[sign]![dose]! });
      });
    });
  });
  const [first, ...rest] = best;
  return [first!, ...rest];
}

/** The candidate, sign and dose that are strongest on the development prompts; of equal ones the first. */
export function pick(candidates: readonly Candidate[], selection: Selection): Pick {
  demandCandidates(candidates, selection);
  return strongest(candidates)[0];
}

/**
 * The rank test of an edit that was picked, by its statistic on the test prompts: every control draw is itself the pick
 * of as many random candidates, with sign and dose as free. Of equal picks of a control the one that is strongest on
 * the test prompts counts, so that ties are against the edit.
 */
export function selectedRank(
  edit: number,
  draws: readonly (readonly Candidate[])[],
  selection: Selection,
): Rank & { picks: Pick[] } {
  const picks = draws.map((candidates) => {
    demandCandidates(candidates, selection);
    return strongest(candidates).reduce((one, other) => (other.test > one.test ? other : one));
  });
  return {
    ...rank(
      edit,
      picks.map(({ test }) => test),
    ),
    picks,
  };
}

/**
 * How controls pay for a selection. `selected`: each is the best of as many candidates. `tuned`: each picks its sign and
 * dose, and p is multiplied by the candidates. `fixed`: each has the edit's sign and dose, and p is multiplied by all
 * that was looked at (Bonferroni over the looks, any of which may have been the claim).
 */
export type Payment = 'selected' | 'tuned' | 'fixed';

/** What p is multiplied by. */
export function looks({ candidates, signs, doses }: Selection, payment: Payment): number {
  demandSelection({ candidates, signs, doses });
  return { selected: 1, tuned: candidates, fixed: candidates * signs * doses }[payment];
}

export interface Cost {
  payment: Payment;
  /** Control draws of a family that the level needs. */
  draws: number;
  /** Rows through the model for all draws of a family. */
  rows: number;
}

/**
 * The three payments, cheapest first. `rows`: what one statistic costs on either half, in any unit. `claims`: how many
 * the registration has (Holm).
 */
export function payments(
  selection: Selection,
  rows: { development: number; test: number },
  claims: number,
  alpha: number,
): Cost[] {
  demandSelection(selection);
  demandCount(claims, 'Claims', 1);
  for (const half of [rows.development, rows.test])
    demand(half >= 0 && Number.isFinite(half), `A cost must be 0 or above; it is ${half}.`);
  const { candidates, signs, doses } = selection;
  const tried = { selected: candidates * signs * doses, tuned: signs * doses, fixed: 0 };
  return (['selected', 'tuned', 'fixed'] as const)
    .map((payment) => {
      const draws = drawsNeeded(claims * looks(selection, payment), alpha);
      // One that has nothing to pick is not tried on the development prompts.
      const development = tried[payment] > 1 ? tried[payment] * rows.development : 0;
      return { payment, draws, rows: draws * (development + rows.test) };
    })
    .sort((a, b) => a.rows - b.rows);
}
