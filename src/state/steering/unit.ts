import type { EditMode } from '../../lens/api/edit';
import type { SiteInfo } from '../../lens/api/site';

/** The units that a strength is typed in. `raw`: as the engine takes it; `max`: x the feature's stored maximum; `norm`:
 *  the length of the change over the median residual norm of the site. */
export const UNITS = ['max', 'raw', 'norm'] as const;
export type StrengthUnit = (typeof UNITS)[number];

/** How much of the engine's strength one of a unit is; null where that is not known. */
export interface Scales {
  max: number | null;
  norm: number | null;
}

/** The maximum that the dictionary's statistics state of a feature; null without one. The largest value seen so far is
 *  none: it differs from machine to machine, and a strength must not. */
export type MaximumOf = (layer: number, feature: number) => number | null;

export const storedMaximum = (site: SiteInfo | undefined, feature: number): number | null =>
  site?.maximum?.[feature] || null;

/** `length`: the norm of the decoder row that strengths are multiples of; null: not measured yet. */
export const scalesOf = (max: number | null, norm: number | null, length: number | null): Scales => ({
  max,
  norm: norm && length ? norm / length : null,
});

/** Whether a mode's strength is a factor of the latent, which has no unit. */
export const isFactor = (mode: EditMode): boolean => mode === 'scale' || mode === 'ablate';

/** The unit that a strength is shown in: the one it was typed in where that is known here, else raw. */
export const shownUnit = (unit: StrengthUnit, scales: Scales): StrengthUnit =>
  unit !== 'raw' && scales[unit] ? unit : 'raw';

/** The units that a mode's strength can be typed in. */
export const unitsOf = (mode: EditMode, scales: Scales): StrengthUnit[] =>
  isFactor(mode) ? ['raw'] : UNITS.filter((unit) => unit === 'raw' || scales[unit]);

/** The engine's strength for one of a unit. */
const oneOf = (unit: StrengthUnit, scales: Scales): number => (unit === 'raw' ? 1 : (scales[unit] ?? 1));

/** The shortest decimal number that is the same float32, which is what the engine computes with, also where a division
 *  and a multiplication have moved its last bits; NaN beyond float32. */
export function exact(value: number): number {
  const wanted = Math.fround(value);
  if (!Number.isFinite(wanted)) return Number.NaN;
  const near = [1, 1 - 2 ** -50, 1 + 2 ** -50];
  return shortest(wanted, (shorter) => near.every((factor) => Math.fround(shorter * factor) === wanted));
}

/** The shortest decimal number that will do, `value` rounded to ever more digits. */
function shortest(value: number, does: (shorter: number) => boolean): number {
  // Seventeen digits tell every number from its neighbours.
  for (let digits = 1; digits < 17; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (does(shorter)) return shorter + 0;
  }
  return value + 0;
}

/** A number of a unit as the engine's strength; NaN beyond float32. */
export const strengthFrom = (value: number, unit: StrengthUnit, scales: Scales): number =>
  exact(value * oneOf(unit, scales));

/** The engine's strength as a number of a unit: the shortest that gives the same strength again. */
export function amountOf(strength: number, unit: StrengthUnit, scales: Scales): number {
  const one = oneOf(unit, scales);
  const wanted = Math.fround(strength);
  return shortest(strength / one, (shorter) => Math.fround(shorter * one) === wanted);
}
