import type { EditMode } from '../../lens/api/edit';
import type { SiteInfo } from '../../lens/api/site';
import { exactly, figure, fixed, percent, scientific } from '../../lens/maths/figures';
import { type Gate, parseWhen } from '../../lens/maths/gate';
import { parseWhere } from '../../lens/maths/where';
import type { Unit } from '../../state/reading/maximum';
import { namesTurns, tokensSay } from '../../state/reading/place-words';
import { type Amount, type EditRow, isOn, positionsSay } from '../../state/steering/edits';
import { layersOf } from '../../state/steering/gates';
import type { Beyond } from '../../state/steering/range';
import { isFactor, type StrengthUnit } from '../../state/steering/unit';

export const nameOf = ({ layer, feature }: EditRow): string => `${layer}:${feature}`;

const SAYS: Record<StrengthUnit, string> = { max: '× max', raw: 'activation', norm: '× median residual norm' };
const SHORT: Record<StrengthUnit, string> = { max: '× max', raw: 'raw', norm: '× norm' };

/** What the number of a row counts. */
export const unitSays = (mode: EditMode, unit: StrengthUnit): string =>
  isFactor(mode) ? 'of the activation' : SAYS[unit];

/** The same for a narrow column. */
export const unitShort = (mode: EditMode, unit: StrengthUnit): string => (isFactor(mode) ? '× act.' : SHORT[unit]);

/** What a row's strength is shown as, and how far its feature goes by itself. */
interface ShownStrength extends Amount {
  natural: Unit;
}

/** The row in a sentence, with the engine's own strength. */
export function editSays(row: EditRow, { unit, amount, natural }: ShownStrength): string {
  if (row.closed) return `Layer ${layersOf(row).join(' or ')} is not open: this edit is kept, and does nothing.`;
  if (!isOn({ ...row, enabled: true })) return 'no effect at 0';
  const { mode, strength } = row;
  const one = { max: ` × max ${figure(natural.value)}`, norm: ' × median norm', raw: '' }[unit];
  const result = one && ` = ${mode === 'add' && strength > 0 ? '+' : ''}${figure(strength)}`;
  switch (mode) {
    case 'add':
      return one ? `${exactly(amount)}${one}${result}` : `${exactly(strength)} added`;
    case 'clamp':
      if (strength === 0) return 'removed fully: set to 0';
      return `set to ${exactly(amount).replace('+', '')}${one}${result}`;
    default: {
      const factor = mode === 'scale' ? 1 + strength : 1 - strength;
      return factor === 0 ? 'removed fully' : `activation × ${exactly(Number(factor.toPrecision(7))).replace('+', '')}`;
    }
  }
}

/** Where and when an edit acts: the sentence that "Acts on" begins. `conversation`: whether the text on show has turns. */
export function actsSay({ where, when }: Pick<EditRow, 'where' | 'when'>, conversation: boolean): string {
  const place = Array.isArray(where) ? null : parseWhere(where);
  const tokens = Array.isArray(where) ? positionsSay(where) : tokensSay(parseWhere(where));
  const gate = when ? gateSays(parseWhen(when), conversation) : '';
  const none = place && !conversation && namesTurns(place) ? ' This text has no turns: it reaches nothing.' : '';
  return `${tokens}${gate}.${none}`;
}

function gateSays({ layer, feature, above, reach, until }: Gate, conversation: boolean): string {
  const opens = `where ${layer}:${feature} is above ${figure(above)}`;
  if (until !== undefined) return `, from ${opens} until it is at most ${figure(until)}`;
  return reach === 'turn' ? `, from ${opens} to the end of the ${conversation ? 'turn' : 'text'}` : `, only ${opens}`;
}

/** How an edit leaves what its feature does by itself; empty where it does not. */
export function beyondSays(beyond: Beyond | null): string {
  if (!beyond) return '';
  if (beyond.way === 'below') return 'below 0, where the feature by itself never is';
  return `more than the feature does by itself (${timesSay(beyond.times)} × its maximum)`;
}

/** The same for a narrow column: how many times its maximum, or below 0. */
export function beyondShort(beyond: Beyond | null): string {
  if (!beyond) return '';
  if (beyond.way === 'below') return '< 0';
  const { times } = beyond;
  return `${times >= 999.5 ? scientific(times, 0) : times < 1.05 ? '> 1' : timesSay(times)} × max`;
}

/** How many times, in digits enough that it is more than once: 1.004, 2.4, 12, 3.1e4. */
function timesSay(times: number): string {
  if (times >= 999.5) return scientific(times);
  const digits = [0, 1, 2, 3].find((n) => (n > 0 || times >= 9.95) && Number(times.toFixed(n)) > 1) ?? 4;
  return fixed(times, digits);
}

/** What the feature does by itself, beside the residual; null while something of it is not known. `length`: the norm of
 *  its decoder row. */
export function naturalSays(unit: Unit, site: SiteInfo | null, length: number | null): string | null {
  if (unit.source === 'none') return 'No maximum of this feature is known.';
  const norm = site?.normMedian;
  const share = norm && length !== null ? `, ${percent((unit.value * length) / norm)} of the median residual norm` : '';
  const seen = unit.source === 'seen' ? ', the largest seen so far' : '';
  return `By itself it goes from 0 to ${figure(unit.value)}${seen}${share}.`;
}

/** What the short marks of the slider stand for. */
export function marksSay(centred: number, center: SiteInfo['center']): string {
  const from = center === 'mean' ? 'the dictionary’s mean' : 'b_dec';
  return `Short marks: a change of 10 % of ${figure(centred)}, the median distance of this text’s residuals from ${from}.`;
}
