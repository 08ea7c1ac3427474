import type { SiteCodes } from '../../lens/api/site';

const EMPTY = 0xffffffff;

/** Positions from first to last, inclusive. */
export interface Span {
  from: number;
  to: number;
}

export interface RankedFeature {
  id: number;
  /** Largest activation over the positions that count, and where. */
  value: number;
  position: number;
  /** Mean activation over all positions that count, and on how many of them it is active. */
  mean: number;
  count: number;
  /** value / the feature's maximum (mean / maximum when ranked by the mean); null if the feature has no maximum. */
  relative: number | null;
}

export interface Ranking {
  rows: RankedFeature[];
  /** How many features are active there in all; `rows` holds only the first of them. */
  active: number;
  /** How many active features are left out as dense. */
  dense: number;
}

interface RankOptions {
  /** Positions that count. */
  positions: Iterable<number>;
  maximumOf: (feature: number) => number | null;
  by: 'relative' | 'raw';
  over?: 'max' | 'mean' | 'count';
  /** Features that are not listed. */
  hidden?: (feature: number) => boolean;
  top: number;
}

/** The features that are active at a position, with their values, in the order of the codes. */
export function* activeAt(
  { ids, values, k }: Pick<SiteCodes, 'ids' | 'values' | 'k'>,
  position: number,
): Generator<[id: number, value: number]> {
  for (let slot = position * k; slot < (position + 1) * k; slot++) {
    if (ids[slot] !== EMPTY && values[slot]! > 0) yield [ids[slot]!, values[slot]!];
  }
}

/** Features active at the given positions, the strongest first; ties by lower id. Ranked `relative`, features without a
 *  maximum come last; ranked by count, equal counts go by the largest activation. */
export function rankFeatures(
  codes: SiteCodes,
  { positions, maximumOf, by, over = 'max', hidden = () => false, top }: RankOptions,
): Ranking {
  const best = new Map<number, RankedFeature>();
  let places = 0;
  for (const position of positions) {
    places++;
    for (const [id, value] of activeAt(codes, position)) {
      const known = best.get(id);
      if (!known) best.set(id, { id, value, position, mean: value, count: 1, relative: null });
      else {
        known.mean += value;
        known.count++;
        if (value > known.value) Object.assign(known, { value, position });
      }
    }
  }
  const active = [...best.values()];
  const all = active.filter(({ id }) => !hidden(id));
  for (const row of all) {
    const maximum = maximumOf(row.id);
    row.mean /= places;
    row.relative = maximum ? (over === 'mean' ? row.mean : row.value) / maximum : null;
  }
  const size = (row: RankedFeature) => (over === 'mean' ? row.mean : row.value);
  const strength = (row: RankedFeature) => (by === 'raw' ? size(row) : (row.relative ?? -1));
  const key = (row: RankedFeature) => (over === 'count' ? row.count : strength(row));
  all.sort((a, b) => key(b) - key(a) || strength(b) - strength(a) || b.value - a.value || a.id - b.id);
  return { rows: all.slice(0, top), active: active.length, dense: active.length - all.length };
}

/** Largest value over the given positions, 0 where there is none. */
export function peak(values: ArrayLike<number>, positions: Iterable<number>): number {
  let most = 0;
  for (const position of positions) if ((values[position] ?? 0) > most) most = values[position]!;
  return most;
}

/** FVU over some positions: the sum of the errors over the sum of the spreads. */
export function fvuOver({ fvu, centred }: Pick<SiteCodes, 'fvu' | 'centred'>, positions: readonly number[]): number {
  let [errors, spreads] = [0, 0];
  for (const t of positions) {
    const spread = centred[t]! ** 2;
    errors += fvu[t]! * spread;
    spreads += spread;
  }
  return errors / spreads;
}

/** Largest, mean and number of positive values over some positions. Leaves out values that are not finite (the surprisal
 *  of position 0). */
export function over(
  values: ArrayLike<number>,
  positions: readonly number[],
): { max: number; mean: number; count: number } {
  const own = positions.map((position) => values[position] ?? Number.NaN).filter(Number.isFinite);
  const sum = own.reduce((total, value) => total + value, 0);
  return {
    max: peak(own, own.keys()),
    mean: own.length ? sum / own.length : Number.NaN,
    count: own.filter((value) => value > 0).length,
  };
}
