import type { Edit, EditMode } from '../../lens/api/edit';
import type { Unit, UnitOf } from '../reading/maximum';

/** One row of the steering panel. `weight` is in the mode's own unit: x the feature's maximum (add, clamp), the change
 *  of the latent's factor (scale: latent x (1 + weight)), or the share removed (ablate, 0..1). 0 is off in every
 *  mode. */
export interface EditRow {
  key: number;
  layer: number;
  feature: number;
  mode: EditMode;
  weight: number;
  where: 'all' | 'prompt' | 'generated' | number[];
  on: 'code' | 'preactivation';
  enabled: boolean;
  /** Its dictionary is there and not open: the row is kept, and does nothing. Set by `markClosed` alone. */
  closed?: true;
}

export type EditPatch = Partial<Omit<EditRow, 'key' | 'layer' | 'feature' | 'closed'>>;

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

/** Ends of the slider in a mode. */
export function rangeOf(mode: EditMode): { min: number; max: number } {
  return mode === 'ablate' ? { min: 0, max: 1 } : { min: -3, max: 3 };
}

/** A weight within the mode's range and on its ruled step of .05; what is no number becomes 0. */
export function settleWeight(mode: EditMode, weight: number): number {
  if (!Number.isFinite(weight)) return 0;
  const { min, max } = rangeOf(mode);
  return Math.round(Math.min(max, Math.max(min, weight)) * 20) / 20 + 0;
}

/** A weight within the mode's range, as exact as a link carries it. A weight from a file or a link does not move to the
 *  ruled step. */
export function clampWeight(mode: EditMode, weight: number): number {
  if (!Number.isFinite(weight)) return 0;
  const { min, max } = rangeOf(mode);
  return Math.round(Math.min(max, Math.max(min, weight)) * 1e4) / 1e4 + 0;
}

/** The rows with one more at +1, or unchanged where the list is full. */
export function addRow(rows: readonly EditRow[], layer: number, feature: number): EditRow[] {
  if (rows.length >= MOST_ROWS) return [...rows];
  const key = rows.reduce((most, row) => Math.max(most, row.key), 0) + 1;
  return [...rows, { key, layer, feature, mode: 'add', weight: 1, where: 'all', on: 'code', enabled: true }];
}

/** The rows with one changed. A new weight or a new mode moves the weight to the ruled step; any other change leaves an
 *  exact weight as it is. */
export function patchRow(rows: readonly EditRow[], key: number, patch: EditPatch): EditRow[] {
  return rows.map((row) => {
    if (row.key !== key) return row;
    const next = { ...row, ...patch };
    return 'weight' in patch || 'mode' in patch ? { ...next, weight: settleWeight(next.mode, next.weight) } : next;
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
export const isOn = (row: EditRow): boolean => row.enabled && row.weight !== 0 && !row.closed;

/** Marks the rows whose dictionary is not open; returns the same array if the marks are right already. */
export function markClosed(rows: EditRow[], open: readonly number[]): EditRow[] {
  if (rows.every((row) => (row.closed === true) === !open.includes(row.layer))) return rows;
  return rows.map(({ closed: _before, ...row }) =>
    open.includes(row.layer) ? row : { ...row, closed: true as const },
  );
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
  }));
}

export const BAND_DRAWS = 7;

/** Seed of the streamed control for the n-th draw, and of its band's further draws; no two draws share a seed. */
export const controlSeed = (draw: number): number => draw * (BAND_DRAWS + 1);
export const bandSeeds = (draw: number): number[] =>
  Array.from({ length: BAND_DRAWS }, (_, i) => controlSeed(draw) + 1 + i);
