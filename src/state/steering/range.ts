import type { Edit, EditMode } from '../../lens/api/edit';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { latentOf } from '../../lens/maths/report';
import { medianOf } from '../../lens/maths/sinks';
import type { Unit } from '../reading/maximum';
import type { Sinks } from '../reading/sinks';
import { type EditRow, exactWeight, settleWeight } from './edits';

/** Share of the centred residual norm that a new edit moves by. A residual is mostly its mean, which says nothing of
 *  the token: |h - mu|, not |h|, is what a change is large or small beside. */
const SHARE = 0.1;

/** Median of |h - mu| over the text without its sinks at the site; null for no text. */
export function centredMedian({ centred }: Pick<SiteCodes, 'centred'>, sinks: Sinks): number | null {
  const own = centred.filter((_, t) => !sinks.has(t));
  return own.length ? medianOf(own) : null;
}

/** Weight of a new row: |change| is 10 % of the centred norm, or the feature's maximum where that is less. `length`:
 *  the norm of the decoder row. */
export function startWeight(unit: Unit, centred: number | null, length = 1): number {
  if (centred === null || length === 0) return 1;
  const at = (SHARE * centred) / (unit.value * length);
  const inside = unit.source === 'none' ? at : Math.min(1, at);
  // Below the slider's step two figures are kept, so that it does not begin further out.
  return inside < 0.05 ? exactWeight(Number(inside.toPrecision(2))) : settleWeight(inside);
}

/** Ends of the slider. Of a feature without a known maximum the scale ends near the site's residual norm. Typed and
 *  linked weights may go beyond. */
export function rangeOf(mode: EditMode, unit: Unit, site: SiteInfo | null): { min: number; max: number } {
  if (mode === 'ablate') return { min: 0, max: 1 };
  const raw = unit.source === 'none' && (mode === 'add' || mode === 'clamp') ? site?.normMedian : null;
  const end = raw ? roundUp(raw) : 3;
  return { min: -end, max: end };
}

/** The next of 1, 2, 4, 6 times a power of ten: its half is a round number too. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6].find((step) => step * power >= value) ?? 10) * power;
}

/** Figures under the slider. */
export function ticksOf({ min, max }: { min: number; max: number }): number[] {
  if (min === 0) return [0, max / 2, max];
  return max === 3 ? [-3, -2, -1, 0, 1, 2, 3] : [min, min / 2, 0, max / 2, max];
}

/** Where an edit leads out of what its feature does by itself, from 0 to its maximum. */
export type Beyond =
  | { way: 'above'; times: number } // of its maximum
  | { way: 'below' };

/** Null inside the range, and where the maximum is not known. `largest`: the latent's largest value on the text. An added
 *  direction is beyond the range where it moves the residual further than the feature does, either way. */
export function beyond({ mode, weight }: Pick<EditRow, 'mode' | 'weight'>, unit: Unit, largest: number): Beyond | null {
  if (unit.source === 'none') return null;
  const given = mode === 'add' || mode === 'clamp';
  const factor = { add: Math.abs(weight), clamp: weight, scale: 1 + weight, ablate: 1 - weight }[mode];
  const reached = given ? factor : (factor * largest) / unit.value;
  if (reached < 0) return { way: 'below' };
  return reached > 1 && (given || factor > 1) ? { way: 'above', times: reached } : null;
}

/** The latent's largest value on the tokens of a text, but for those left out. */
export const largestOf = (codes: SiteCodes, { feature }: Pick<Edit, 'feature'>, without?: Sinks): number =>
  feature === undefined
    ? 0
    : latentOf(codes, feature).reduce((most, z, t) => (without?.has(t) ? most : Math.max(most, z)), 0);
