import type { EditMode, EditOn } from '../../lens/api/edit';
import { onOf } from '../../lens/maths/control';
import { parseWhen, writeWhen } from '../../lens/maths/gate';
import { parseWhere, writeWhere } from '../../lens/maths/where';
import { type EditRow, MOST_POSITIONS, type Strength, spansOf } from '../steering/edits';
import { exact, isFactor } from '../steering/unit';

/** `c` is the clamp of earlier links: where the feature is active unless `z` follows, and off at 0. `t` acts on what its
 *  letter says, everywhere without one. */
const MODES: Record<string, EditMode> = { a: 'add', s: 'scale', c: 'clamp', t: 'clamp', k: 'ablate' };
const LETTERS: Record<EditMode, string> = { add: 'a', scale: 's', clamp: 't', ablate: 'k' };
const ONS: Record<string, EditOn> = { n: 'active', z: 'preactivation' };
/** What a strength was typed in. Without a letter that of add and clamp counts maxima, as in earlier links; that of the
 *  other modes is a factor. */
const UNITS: Record<string, Strength['unit']> = { r: 'raw', m: 'max', h: 'norm' };
const UNIT_LETTERS: Record<Strength['unit'], string> = { raw: 'r', max: 'm', norm: 'h', times: '' };
/** Site, feature, mode, strength and its unit; where as a letter or positions; on what; off. Behind them, since there are
 *  conversations, `~` with Edit.where's other words and `!` with Edit.when, spaces left out. */
const ROW =
  /^(\d{1,3}):(\d{1,7})([asctk])(-?\d{1,40}(?:\.\d{1,60})?(?:e[+-]?\d{1,3})?)([rmh])?(p|g|@\d{1,6}(?:[-.]\d{1,6})*)?([nz])?(x)?(?:~([a-z\d.-]{1,80}))?(?:!([\w:.>%+-]{1,120}))?$/;

/** Positions, those that follow one another as a span: 3-9.12. */
const encodePlaces = (positions: readonly number[]): string =>
  spansOf(positions)
    .map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
    .join('.');

/** Null if the positions are malformed or too many; checks the length of a span before listing its positions. */
function decodePlaces(text: string): number[] | null {
  const positions: number[] = [];
  for (const span of text.split('.')) {
    const [from, to = from, more] = span.split('-').map(Number);
    if (more !== undefined || to! < from! || positions.length + to! - from! >= MOST_POSITIONS) return null;
    for (let position = from!; position <= to!; position++) positions.push(position);
  }
  return positions;
}

/** A row as a link carries it: 3:1933a14.5m, 3:1933a300r~assistant.text!3:650%3E5. The strength is the engine's, in as
 *  many digits as tell it from any other. */
export function encodeRow(row: EditRow): string {
  const letter = row.where === 'prompt' ? 'p' : row.where === 'generated' ? 'g' : '';
  const where = Array.isArray(row.where) ? `@${encodePlaces(row.where)}` : letter;
  const words = Array.isArray(row.where) || letter || row.where === 'all' ? '' : `~${row.where}`;
  const on = row.on === 'preactivation' ? 'z' : row.mode === 'clamp' && row.on === 'active' ? 'n' : '';
  const when = row.when ? `!${row.when.replaceAll(' ', '').replaceAll('>', '%3E')}` : '';
  const strength = `${row.strength}`.replace('+', '') + (isFactor(row.mode) ? '' : UNIT_LETTERS[row.unit]);
  return `${row.layer}:${row.feature}${LETTERS[row.mode]}${strength}${where}${on}${row.enabled ? '' : 'x'}${words}${when}`;
}

/** Null where any part of the row is malformed, its strength is beyond float32, or its gate reads a layer above the
 *  edit's. */
export function decodeRow(text: string, key: number): EditRow | null {
  const match = ROW.exec(text);
  if (!match) return null;
  const [, layer, feature, letter, digits, unit, place, on = letter === 'c' ? 'n' : '', off, words, gate] = match;
  if (place && words) return null;
  const mode = MODES[letter!]!;
  const strength = exact(Number(digits));
  if (Number.isNaN(strength) || (unit && isFactor(mode))) return null;
  try {
    const when = gate === undefined ? null : parseWhen(decodeURIComponent(gate));
    const where = words === undefined ? placeOf(place) : writeWhere(parseWhere(words));
    if (where === null || (when && when.layer > Number(layer))) return null;
    return {
      key,
      layer: Number(layer),
      feature: Number(feature),
      mode,
      strength,
      unit: isFactor(mode) ? 'raw' : unit ? UNITS[unit]! : 'times',
      where,
      on: ONS[on] ?? onOf(mode),
      ...(when && { when: writeWhen(when) }),
      enabled: !off && !(letter === 'c' && strength === 0),
    };
  } catch {
    return null; // words or a gate that nobody wrote
  }
}

function placeOf(place: string | undefined): EditRow['where'] | null {
  if (place === undefined) return 'all';
  if (place === 'p') return 'prompt';
  return place === 'g' ? 'generated' : decodePlaces(place.slice(1));
}
