import { demand, demandCount } from './checks';

/** Control draws in two stages, so that most claims need the first only: none of the first reaches the edit, and it is
 *  done; more than `forgiven` do, and it has failed; else the second stage decides. */
export interface TwoStage {
  first: number;
  second: number;
  /** How many of all draws may reach the edit: a real twin or two among the controls. */
  forgiven: number;
}

/** What a test of one claim at .05 draws. */
export const STANDARD: TwoStage = { first: 39, second: 60, forgiven: 3 };

function demandPlan({ first, second, forgiven }: TwoStage): void {
  demandCount(first, 'Draws of the first stage', 1);
  demandCount(second, 'Draws of the second stage');
  demandCount(forgiven, 'Draws that are forgiven');
  demand(forgiven <= second, 'No more draws can be forgiven than the second stage has.');
}

/** Whether the claim stands after the first stage, null where the second must be drawn. `reached`: draws at least as
 *  strong as the edit. */
export function afterFirst(reached: number, plan: TwoStage): boolean | null {
  demandPlan(plan);
  demandCount(reached, 'Draws that reached');
  if (reached === 0) return true;
  return reached > plan.forgiven ? false : null;
}

/** Whether the claim stands after both. `reached` counts over both stages. */
export function afterBoth(reached: number, plan: TwoStage): boolean {
  demandPlan(plan);
  demandCount(reached, 'Draws that reached');
  return reached <= plan.forgiven;
}

/** The probability that an innocent edit stands: 1/(K₁+1) + Σ_{t=1..c} (1/(K+1))·(1 − C(K₂,t)/C(K,t)). The count t of K
 *  draws that reach is uniform on 0..K, and what is forgiven adds to the first stage only where one of them was in it. */
export function levelOf(plan: TwoStage): number {
  demandPlan(plan);
  const all = plan.first + plan.second;
  let level = 1 / (plan.first + 1);
  let noneInFirst = 1;
  for (let t = 1; t <= plan.forgiven; t++) {
    noneInFirst *= (plan.second - t + 1) / (all - t + 1);
    level += (1 - noneInFirst) / (all + 1);
  }
  return level;
}
