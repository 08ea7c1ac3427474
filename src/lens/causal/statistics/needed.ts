import { demand, demandCount, demandShare } from './checks';
import { normalQuantile } from './normal';

/** A one-sided test at level alpha that is to find a true effect with the given power. */
export interface Test {
  alpha: number;
  power: number;
}

function quantiles({ alpha, power }: Test): [level: number, power: number] {
  demandShare(alpha, 'A level');
  demandShare(power, 'A power');
  return [normalQuantile(1 - alpha), normalQuantile(power)];
}

function demandEffect(effect: number): void {
  demand(effect > 0 && Number.isFinite(effect), `An effect to look for must be above 0; it is ${effect}.`);
}

/** Prompts for McNemar's test to see a rate change by `effect`, where the share `turned` of prompts changes its outcome
 *  either way (Connor 1987, Biometrics 43:207). */
export function promptsForRate(effect: number, turned: number, test: Test): number {
  demandEffect(effect);
  demand(
    turned >= effect && turned <= 1,
    'At least as many prompts must turn as the rate changes by, and at most all.',
  );
  const [level, power] = quantiles(test);
  return Math.ceil(((level * Math.sqrt(turned) + power * Math.sqrt(turned - effect ** 2)) / effect) ** 2);
}

/** Variances of a paired effect: between prompts, and between seeds of one prompt. */
export interface Spread {
  between: number;
  within: number;
}

function demandSpread({ between, within }: Spread): void {
  for (const one of [between, within])
    demand(one >= 0 && Number.isFinite(one), `A variance must be 0 or above; it is ${one}.`);
}

/** Prompts, of `seeds` texts each, to see a mean effect (Miller 2024, https://arxiv.org/abs/2411.00640, section 5). */
export function promptsForMean(effect: number, spread: Spread, seeds: number, test: Test): number {
  demandEffect(effect);
  demandSpread(spread);
  demandCount(seeds, 'Seeds', 1);
  const [level, power] = quantiles(test);
  const variance = spread.between + spread.within / seeds;
  return Math.max(1, Math.ceil(((level + power) / effect) ** 2 * variance));
}

/** The smallest mean effect that so many prompts can see, whose paired effects have this standard deviation. */
export function smallestEffect(prompts: number, deviation: number, test: Test): number {
  demandCount(prompts, 'Prompts', 1);
  demand(deviation >= 0 && Number.isFinite(deviation), `A deviation must be 0 or above; it is ${deviation}.`);
  const [level, power] = quantiles(test);
  return ((level + power) * deviation) / Math.sqrt(prompts);
}

/** Seeds a prompt that see most for their cost, where a prompt costs `prefill` once and `text` for every seed: the
 *  nearest whole number from 1 to √(prefill / text · within / between). */
export function seedsWorth(spread: Spread, prefill: number, text: number): number {
  demandSpread(spread);
  demand(prefill >= 0 && text > 0, 'A prompt’s cost must be 0 or above, and a text’s above 0.');
  demand(spread.between > 0, 'Where prompts do not differ, nothing says how many seeds are worth it.');
  return Math.max(1, Math.round(Math.sqrt((prefill / text) * (spread.within / spread.between))));
}
