import { demand, demandNumbers } from './checks';
import { reaches } from './rank';

/**
 * Adjusted rank p-values of one edit tried at several doses, its draws at the same ones: `edit` [doses], `draws`
 * [draws][doses], larger = stronger. The smallest p over doses is compared with the smallest of every draw: min-p
 * (Westfall & Young 1993, Resampling-Based Multiple Testing, 2.3), exact where edit and draws are exchangeable.
 */
export function overDoses(edit: readonly number[], draws: readonly (readonly number[])[]): number[] {
  const all = [edit, ...draws];
  demand(draws.length > 0, 'There is no control draw.');
  for (const one of all) {
    demandNumbers(one, 'Statistics at the doses');
    demand(one.length === edit.length, 'Every draw needs a statistic at each of the edit’s doses.');
  }
  // Counts, not shares, so that ties are exact.
  const places = all.map((one) => one.map((own, j) => all.filter((other) => reaches(other[j]!, own)).length));
  const best = places.map((place) => Math.min(...place));
  return places[0]!.map((place) => best.filter((one) => one <= place).length / all.length);
}
