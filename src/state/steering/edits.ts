import type { Edit, EditMode, EditOn } from '../../lens/api/edit';
import { isIdle, onOf } from '../../lens/maths/control';
import type { Unit, UnitOf } from '../reading/maximum';
import { layersOf } from './gates';

/** What a mode's row stands at. */
export interface Setting {
  weight: number;
  on: EditOn;
}

/** One row of the steering panel. `weight` is in the mode's own unit: x the feature's maximum (add, clamp), the change
 *  of the latent's factor (scale: latent x (1 + weight)), or the share removed (ablate). */
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
  /** Its dictionary, or its gate's, is there and not open: the row is kept, and does nothing. Set by `markClosed` alone. */
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

/** The largest weight either way: as many digits as a link carries. */
export const MOST_WEIGHT = 999_999;

/** A weight as exact as a link carries it. */
export function exactWeight(weight: number): number {
  if (!Number.isFinite(weight)) return 0;
  return Math.round(Math.min(MOST_WEIGHT, Math.max(-MOST_WEIGHT, weight)) * 1e4) / 1e4 + 0;
}

/** A weight on the slider's step of .05; what is no number becomes 0. */
export const settleWeight = (weight: number): number => exactWeight(Math.round(weight * 20) / 20);

/** The rows with one more, added at `weight`, or unchanged where the list is full. */
export function addRow(rows: readonly EditRow[], layer: number, feature: number, weight: number): EditRow[] {
  if (rows.length >= MOST_ROWS) return [...rows];
  const key = rows.reduce((most, row) => Math.max(most, row.key), 0) + 1;
  return [...rows, { key, layer, feature, mode: 'add', weight, where: 'all', on: onOf('add'), enabled: true }];
}

/** Whether a row takes of its feature or its direction, rather than giving more. */
function lessens({ mode, weight }: EditRow): boolean {
  return mode === 'ablate' ? weight > 0 : mode === 'clamp' ? weight <= 0 : weight < 0;
}

/** Where a mode begins that a row was not in yet: as far as a new row goes, in the sense in which the row acts now.
 *  To remove the feature wholly is scale by -1, clamp to 0 and ablate 1. */
function firstSetting(row: EditRow, mode: EditMode, start: number): Setting {
  const less = lessens(row);
  const weight = { add: less ? -start : start, clamp: less ? 0 : start, scale: less ? -1 : 1, ablate: 1 }[mode];
  return { weight, on: onOf(mode) };
}

/** The rows with one changed. A new mode takes the row to where it was left in that mode, or to where the mode begins;
 *  `start` is the weight of a new row. */
export function patchRow(
  rows: readonly EditRow[],
  key: number,
  patch: EditPatch,
  start: (row: EditRow) => number,
): EditRow[] {
  return rows.map((row) => {
    if (row.key !== key) return row;
    const given = patch.weight === undefined ? patch : { ...patch, weight: exactWeight(patch.weight) };
    const { mode = row.mode } = patch;
    if (mode === row.mode) return { ...row, ...given };
    const left = { ...row.left, [row.mode]: { weight: row.weight, on: row.on } };
    return { ...row, left, ...(left[mode] ?? firstSetting(row, mode, start(row))), ...given };
  });
}

export function removeRow(rows: readonly EditRow[], key: number): EditRow[] {
  return rows.filter((row) => row.key !== key);
}

/** The engine's strength for a row: raw activation units for add and clamp, a factor for scale and ablate. */
export function strengthOf(row: EditRow, unit: Unit): number {
  return row.mode === 'add' || row.mode === 'clamp' ? row.weight * unit.value : row.weight;
}

/** Whether a row does something. */
export const isOn = (row: EditRow): boolean =>
  row.enabled && !isIdle({ mode: row.mode, strength: row.weight }) && !row.closed;

/** Marks the rows whose dictionary is not open; returns the same array if the marks are right already. */
export function markClosed(rows: EditRow[], open: readonly number[]): EditRow[] {
  const isOpen = (row: EditRow) => layersOf(row).every((layer) => open.includes(layer));
  if (rows.every((row) => (row.closed === true) === !isOpen(row))) return rows;
  return rows.map(({ closed: _before, ...row }) => (isOpen(row) ? row : { ...row, closed: true as const }));
}

/** The edits that are on and do something, in row order. */
export function editsOf(rows: readonly EditRow[], unit: UnitOf): Edit[] {
  return rows.filter(isOn).map((row) => ({
    layer: row.layer,
    feature: row.feature,
    mode: row.mode,
    strength: strengthOf(row, unit(row.layer, row.feature)),
    on: row.on,
    where: row.where,
    ...(row.when && { when: row.when }),
  }));
}

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
