import { demand, demandNumbers } from './checks';
import { CONFIDENCE, type Interval } from './interval';
import { twoSidedZ } from './normal';
import { wilson } from './rate';
import { mean } from './sample';
import { studentQuantile } from './student';

/** Outcomes by cluster: a prompt's seeds, or all texts of the prompts of one group. */
export type Clusters = readonly (readonly number[])[];

function demandClusters(clusters: Clusters): void {
  demand(clusters.length > 0, 'There is no cluster.');
  for (const one of clusters) demandNumbers(one, 'Outcomes of a cluster');
}

export function clusterMeans(clusters: Clusters): number[] {
  demandClusters(clusters);
  return clusters.map(mean);
}

/** The intraclass correlation of a one-way analysis of variance, cut to [0, 1] (Donner 1986, Int. Stat. Rev. 54:67).
 *  1 where the outcomes say nothing of it, all being equal or in one cluster: the cautious end. */
export function intraclass(clusters: Clusters): number {
  const means = clusterMeans(clusters);
  const sizes = clusters.map((one) => one.length);
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const groups = clusters.length;
  const middle = mean(clusters.flat());
  let [between, within, squares] = [0, 0, 0];
  clusters.forEach((one, g) => {
    between += one.length * (means[g]! - middle) ** 2;
    for (const value of one) within += (value - means[g]!) ** 2;
    squares += one.length ** 2;
  });
  if (groups === 1 || n === groups) return 1;
  const meanBetween = between / (groups - 1);
  const meanWithin = within / (n - groups);
  const size = (n - squares / n) / (groups - 1);
  const all = meanBetween + (size - 1) * meanWithin;
  return all > 0 ? Math.min(1, Math.max(0, (meanBetween - meanWithin) / all)) : 1;
}

/** How many independent outcomes the clusters are worth: n / (1 + (m − 1)ρ) with m = Σ n_g² / n, which is the clusters'
 *  size where it is one (Kish 1965, Survey Sampling, 5.4). */
export function effectiveSize(clusters: Clusters): number {
  demandClusters(clusters);
  const sizes = clusters.map((one) => one.length);
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const size = sizes.reduce((sum, one) => sum + one ** 2, 0) / n;
  return n / (1 + (size - 1) * intraclass(clusters));
}

/** With fewer outcomes of either kind, nothing is known of how alike those of a cluster are. */
const TOLD = 5;

/**
 * Wilson's interval of the rate of outcomes, 0 or 1 or between, at their effective size, with Student's t of G − 1
 * degrees for z, since the correlation is itself estimated (Dean & Pagano 2015, J. Surv. Stat. Methodol. 3:484). Below
 * five hits or misses the clusters alone count: a correlation estimated from so few is often 0 by chance, and the
 * interval then misses in up to 9 of 100 cases. One outcome a cluster: Wilson's interval itself.
 */
export function clusteredRate(clusters: Clusters): Interval {
  const groups = clusterMeans(clusters).length;
  const outcomes = clusters.flat();
  const rate = mean(outcomes);
  if (groups === outcomes.length) return wilson(rate, groups);
  demand(groups > 1, 'A rate of clustered outcomes needs two clusters at least.');
  const told = Math.min(rate, 1 - rate) * outcomes.length >= TOLD;
  const wider = studentQuantile(1 - (1 - CONFIDENCE) / 2, groups - 1) / twoSidedZ(CONFIDENCE);
  return wilson(rate, (told ? effectiveSize(clusters) : Math.min(groups, effectiveSize(clusters))) / wider ** 2);
}
