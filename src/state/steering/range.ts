import type { Edit, EditMode } from '../../lens/api/edit';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { latentOf } from '../../lens/maths/report';
import { medianOf } from '../../lens/maths/sinks';
import type { Unit } from '../reading/maximum';
import type { Sinks } from '../reading/sinks';
import type { EditRow, Strength } from './edits';
import { exact, isFactor, type Scales, type StrengthUnit } from './unit';

/** Share of the centred residual norm that a new edit moves by. A residual is mostly its mean, which says nothing of
 *  the token: |h - mu|, not |h|, is what a change is large or small beside. */
const SHARE = 0.1;

/** Median of a norm over the text, [T], without its sinks at the site; null for no text. */
function medianWithout(norms: Float32Array, sinks: Sinks): number | null {
  const own = norms.filter((_, t) => !sinks.has(t));
  return own.length ? medianOf(own) : null;
}

/** Median of |h - mu|. */
export const centredMedian = ({ centred }: Pick<SiteCodes, 'centred'>, sinks: Sinks): number | null =>
  medianWithout(centred, sinks);

/** The residual norm that shares are of: that stored with the dictionary; without one the text's median in two figures,
 *  in which machines agree. It is the plain norm, though most of a residual is its mean: what is stored is that, and
 *  what papers give shares of is that, while a distance from the mean depends on whose mean is taken. */
export function normOf(
  site: Pick<SiteInfo, 'normMedian'> | null,
  codes: Pick<SiteCodes, 'norm'> | undefined,
  sinks: Sinks | null,
): number | null {
  if (site?.normMedian) return site.normMedian;
  const median = codes && sinks ? medianWithout(codes.norm, sinks) : null;
  return median && Number(median.toPrecision(2));
}

/** Strength of a new row: |change| is 10 % of the centred norm, or the feature's stored maximum where that is less.
 *  `length`: the norm of the decoder row. */
export function startStrength(maximum: number | null, centred: number | null, length = 1): Strength {
  const unknown = centred === null || length === 0;
  if (maximum === null)
    return { strength: unknown ? 1 : exact(Number(((SHARE * centred) / length).toPrecision(2))), unit: 'raw' };
  const amount = unknown ? 1 : Math.min(1, (SHARE * centred) / (maximum * length));
  // Below the slider's step two figures are kept, so that it does not begin further out.
  const settled = amount < STEP ? Number(amount.toPrecision(2)) : onStep(amount);
  return { strength: exact(settled * maximum), unit: 'max' };
}

/** The slider's step in maxima. */
const STEP = 0.05;

/** On the slider's step. */
export const onStep = (amount: number): number => Math.round(amount / STEP) / (1 / STEP);

/** Where a slider begins and ends, in the unit shown, and how far it goes at a time. */
export interface Range {
  min: number;
  max: number;
  step: number;
}

/** The slider of a row whose strength is `amount` of `unit`. It ends at three maxima, at the whole residual norm, or
 *  near either of these in activations, and as many times twice as far as it takes to hold the amount. */
export function rangeOf(mode: EditMode, unit: StrengthUnit, amount: number, { max, norm }: Scales): Range {
  const ends = { raw: roundUp(max ? 3 * max : (norm ?? 3)), max: 3, norm: 1 };
  const least = mode === 'ablate' ? 1 : mode === 'scale' ? 3 : ends[unit];
  let end = least;
  while (end < Math.abs(amount)) end *= 2;
  const parts = mode === 'ablate' ? 20 : least === 3 ? 60 : 100;
  return { min: mode === 'ablate' && amount >= 0 ? 0 : -end, max: end, step: end / parts };
}

/** The next of 1, 2, 4, 6 times a power of ten: its half is a round number too. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6].find((step) => step * power >= value) ?? 10) * power;
}

/** Figures under the slider. */
export function ticksOf({ min, max }: Pick<Range, 'min' | 'max'>): number[] {
  if (min === 0) return [0, max / 2, max];
  return max === 3 ? [-3, -2, -1, 0, 1, 2, 3] : [min, min / 2, 0, max / 2, max];
}

/** Where an edit leads out of what its feature does by itself, from 0 to its maximum. */
export type Beyond =
  | { way: 'above'; times: number } // of its maximum
  | { way: 'below' };

/** Null inside the range, and where the maximum is not known. `largest`: the latent's largest value on the text. An added
 *  direction is beyond the range where it moves the residual further than the feature does, either way. */
export function beyond(
  { mode, strength }: Pick<EditRow, 'mode' | 'strength'>,
  unit: Unit,
  largest: number,
): Beyond | null {
  if (unit.source === 'none') return null;
  const given = !isFactor(mode);
  const factor = { add: Math.abs(strength), clamp: strength, scale: 1 + strength, ablate: 1 - strength }[mode];
  const reached = (given ? factor : factor * largest) / unit.value;
  if (reached < 0) return { way: 'below' };
  // To a float32's seven digits: the maximum itself is not beyond it.
  return reached > 1 + 1e-6 && (given || factor > 1) ? { way: 'above', times: reached } : null;
}

/** The latent's largest value on the tokens of a text, but for those left out. */
export const largestOf = (codes: SiteCodes, { feature }: Pick<Edit, 'feature'>, without?: Sinks): number =>
  feature === undefined
    ? 0
    : latentOf(codes, feature).reduce((most, z, t) => (without?.has(t) ? most : Math.max(most, z)), 0);
