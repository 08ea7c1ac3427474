import type { Edit, EditMode, EditOn } from '../../lens/api/edit';
import { isIdle, onOf } from '../../lens/maths/control';
import { layersOf } from './gates';
import { amountOf, exact, isFactor, type MaximumOf, type Scales, type StrengthUnit, shownUnit } from './unit';

/** How much an edit is. */
export interface Strength {
  /** As the engine takes it (Edit.strength), the same on every machine. */
  strength: number;
  /** What it was typed in, and so is shown in where the unit is known; `raw` for a factor. `times`: `strength` counts
   *  maxima of the feature, as links once did, until its dictionary is open. */
  unit: StrengthUnit | 'times';
}

/** What a mode's row stands at. */
export interface Setting extends Strength {
  on: EditOn;
}

/** One row of the steering panel. */
export interface EditRow extends Setting {
  key: number;
  layer: number;
  feature: number;
  mode: EditMode;
  /** See Edit.where. */
  where: string | number[];
  /** See Edit.when; missing: no gate. */
  when?: string;
  enabled: boolean;
  /** Where the row was left in other modes. In no link and no file. */
  left?: Partial<Record<EditMode, Setting>>;
  /** Its dictionary, or its gate's, is there and not open: the row is kept, and does nothing. Set by `settleRows` alone. */
  closed?: true;
}

export type EditPatch = Partial<Omit<EditRow, 'key' | 'layer' | 'feature' | 'left' | 'closed'>>;

export const MOST_ROWS = 16;
/** Positions that one edit may name, and the last of them: what a link carries, and so what recipes and notebooks are
 *  read for. */
export const MOST_POSITIONS = 256;
export const LAST_POSITION = 999_999;

/** Positions in their order, those that follow one another as a span of first and last. */
export function spansOf(positions: readonly number[]): [number, number][] {
  const spans: [number, number][] = [];
  for (const position of positions) {
    const last = spans.at(-1);
    if (last && position === last[1] + 1) last[1] = position;
    else spans.push([position, position]);
  }
  return spans;
}

/** Positions in words: "position 3 to 9, 12". Of many spans the first four. */
export function positionsSay(positions: readonly number[]): string {
  const spans = spansOf(positions).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return `position ${spans.slice(0, 4).join(', ')}${spans.length > 4 ? `, … (${positions.length} positions)` : ''}`;
}

/** The rows with one more that adds, or unchanged where the list is full. */
export function addRow(
  rows: readonly EditRow[],
  layer: number,
  feature: number,
  { strength, unit }: Strength,
): EditRow[] {
  if (rows.length >= MOST_ROWS) return [...rows];
  const key = rows.reduce((most, row) => Math.max(most, row.key), 0) + 1;
  return [...rows, { key, layer, feature, mode: 'add', strength, unit, where: 'all', on: onOf('add'), enabled: true }];
}

/** Whether a row takes of its feature or its direction, rather than giving more. */
function lessens({ mode, strength }: EditRow): boolean {
  return mode === 'ablate' ? strength > 0 : mode === 'clamp' ? strength <= 0 : strength < 0;
}

/** Where a mode begins that a row was not in yet: as far as a new row goes, in the sense in which the row acts now.
 *  To remove the feature wholly is scale by -1, clamp to 0 and ablate 1. */
function firstSetting(row: EditRow, mode: EditMode, start: Strength): Setting {
  const less = lessens(row);
  const on = onOf(mode);
  if (isFactor(mode)) return { strength: mode === 'scale' && less ? -1 : 1, unit: 'raw', on };
  const strength = less ? (mode === 'clamp' ? 0 : -start.strength) : start.strength;
  return { strength, unit: start.unit, on };
}

/** The rows with one changed; a strength beyond float32 changes nothing. A new mode takes the row to where it was left
 *  in that mode, or to where the mode begins; `start` is the strength of a new row. */
export function patchRow(
  rows: readonly EditRow[],
  key: number,
  patch: EditPatch,
  start: (row: EditRow) => Strength,
): EditRow[] {
  const strength = patch.strength === undefined ? undefined : exact(patch.strength);
  if (Number.isNaN(strength)) return [...rows];
  const given = strength === undefined ? patch : { ...patch, strength };
  return rows.map((row) => {
    if (row.key !== key) return row;
    const { mode = row.mode } = patch;
    if (mode === row.mode) return { ...row, ...given };
    const left = { ...row.left, [row.mode]: { strength: row.strength, unit: row.unit, on: row.on } };
    return { ...row, left, ...(left[mode] ?? firstSetting(row, mode, start(row))), ...given };
  });
}

export function removeRow(rows: readonly EditRow[], key: number): EditRow[] {
  return rows.filter((row) => row.key !== key);
}

/** The rows with the positions that they name moved; those before the text go, and a row that is left without any is
 *  off. */
export const movedRows = (rows: readonly EditRow[], by: number): EditRow[] =>
  rows.map((row) => {
    if (!Array.isArray(row.where)) return row;
    const where = row.where.map((position) => position + by).filter((position) => position >= 0);
    return where.length ? { ...row, where } : { ...row, enabled: false };
  });

/** Whether a row does something. */
export const isOn = (row: EditRow): boolean => row.enabled && !isIdle(row) && !row.closed;

/** Marks the rows whose dictionary is not open, and settles the strength of the others in the engine's terms; returns
 *  the same array if all is right already. */
export function settleRows(rows: EditRow[], open: readonly number[], maximum: MaximumOf): EditRow[] {
  const settled = rows.map((row) => {
    const isOpen = layersOf(row).every((layer) => open.includes(layer));
    const marked = (row.closed === true) === !isOpen ? row : mark(row, isOpen);
    return open.includes(row.layer) ? inEngineTerms(marked, maximum(row.layer, row.feature)) : marked;
  });
  return settled.every((row, i) => row === rows[i]) ? rows : settled;
}

const mark = ({ closed: _before, ...row }: EditRow, isOpen: boolean): EditRow =>
  isOpen ? row : { ...row, closed: true };

/** A row whose strengths, also those it was left at, are the engine's. Without a maximum 1 x was 1. */
function inEngineTerms(row: EditRow, maximum: number | null): EditRow {
  const settle = <S extends Strength>(of: S): S =>
    of.unit === 'times'
      ? { ...of, strength: exact(of.strength * (maximum ?? 1)), unit: maximum === null ? 'raw' : 'max' }
      : of;
  const left = row.left && Object.entries(row.left);
  if (row.unit !== 'times' && !left?.some(([, { unit }]) => unit === 'times')) return row;
  return { ...settle(row), ...(left && { left: Object.fromEntries(left.map(([mode, at]) => [mode, settle(at)])) }) };
}

/** What the panel shows of a strength: an amount of a unit that is known here. */
export interface Amount {
  unit: StrengthUnit;
  amount: number;
}

export function amountShown({ mode, strength, unit }: Strength & { mode: EditMode }, scales: Scales): Amount {
  if (unit === 'times') return { unit: 'max', amount: strength };
  const shown = isFactor(mode) ? 'raw' : shownUnit(unit, scales);
  return { unit: shown, amount: amountOf(strength, shown, scales) };
}

/** The edits that are on and do something, in row order. */
export const editsOf = (rows: readonly EditRow[]): Edit[] =>
  rows.filter(isOn).map(({ layer, feature, mode, strength, on, where, when }) => ({
    layer,
    feature,
    mode,
    strength,
    on,
    where,
    ...(when && { when }),
  }));

export const BAND_DRAWS = 7;

/** Seed of the streamed control for the n-th draw, and of its band's further draws; no two draws share a seed. */
export const controlSeed = (draw: number): number => draw * (BAND_DRAWS + 1);
export const bandSeeds = (draw: number): number[] =>
  Array.from({ length: BAND_DRAWS }, (_, i) => controlSeed(draw) + 1 + i);

/** The row in hand: the one asked for, else the first. */
export const chosenRow = (rows: readonly EditRow[], key: number | null): EditRow | undefined =>
  rows.find((row) => row.key === key) ?? rows[0];

/** The how-manieth of the edits that are run a row is; -1: it does nothing. */
export const placeInRun = (rows: readonly EditRow[], key: number): number =>
  rows.filter(isOn).findIndex((row) => row.key === key);
