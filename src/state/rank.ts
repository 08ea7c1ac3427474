import type { SiteCodes } from '../lens/types';
import type { Chip } from './chips';

const EMPTY = 0xffffffff;

export interface RankedFeature {
  id: number;
  /** Largest activation over the positions that count, and where. */
  value: number;
  position: number;
  /** value / the feature's maximum; null where there is no maximum. */
  relative: number | null;
}

export interface Ranking {
  rows: RankedFeature[];
  /** How many features are active there in all: `rows` is a cut of these. */
  active: number;
}

export interface RankOptions {
  /** Positions that count. */
  positions: Iterable<number>;
  maximumOf: (feature: number) => number | null;
  by: 'relative' | 'raw';
  top: number;
}

/** Features active at the given positions, the strongest first; ties by lower id. Ranked `relative`, features without a maximum come last. */
export function rankFeatures(codes: SiteCodes, { positions, maximumOf, by, top }: RankOptions): Ranking {
  const best = new Map<number, RankedFeature>();
  for (const position of positions) {
    for (let slot = position * codes.k; slot < (position + 1) * codes.k; slot++) {
      const id = codes.ids[slot]!;
      const value = codes.values[slot]!;
      if (id === EMPTY || !(value > 0)) continue;
      if (value > (best.get(id)?.value ?? 0)) best.set(id, { id, value, position, relative: null });
    }
  }
  const all = [...best.values()];
  for (const row of all) {
    const maximum = maximumOf(row.id);
    row.relative = maximum ? row.value / maximum : null;
  }
  const key = (row: RankedFeature) => (by === 'raw' ? row.value : (row.relative ?? -1));
  all.sort((a, b) => key(b) - key(a) || b.value - a.value || a.id - b.id);
  return { rows: all.slice(0, top), active: all.length };
}

/** One feature's code value at every position, [T]; 0 where it is not in the top-k. */
export function activationsOf(codes: SiteCodes, feature: number): Float32Array {
  const out = new Float32Array(codes.fvu.length);
  for (let slot = 0; slot < codes.ids.length; slot++) if (codes.ids[slot] === feature) out[Math.floor(slot / codes.k)] = codes.values[slot]!;
  return out;
}

/** The positions that lists and colour scales look at: a chip's, or the whole text's; position 0, an attention sink, only when asked for. */
export function positionsOf(count: number, chip: Chip | null, withFirst: boolean): number[] {
  if (chip) return Array.from({ length: chip.to - chip.from + 1 }, (_, i) => chip.from + i);
  return Array.from({ length: count }, (_, i) => i).filter((i) => withFirst || i > 0 || count === 1);
}

/** Largest value over the given positions, 0 where there is none. */
export function peak(values: ArrayLike<number>, positions: Iterable<number>): number {
  let most = 0;
  for (const position of positions) if ((values[position] ?? 0) > most) most = values[position]!;
  return most;
}
