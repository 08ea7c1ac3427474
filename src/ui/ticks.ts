import { count } from '../lens/maths/figures';

/** A round value, as short as it is exact: the ends of an axis have their quantity's own form. */
export const tickSays = (tick: number): string =>
  Math.abs(tick) >= 1000 ? count(tick).replace('-', '−') : String(tick).replaceAll('-', '−');

/** Round values strictly between 0 and `end`, at most `most` of them, one, two or five units of a power of ten apart. */
export function ticksWithin(end: number, most: number): number[] {
  if (!(end > 0) || !Number.isFinite(end) || most < 1) return [];
  const power = 10 ** Math.floor(Math.log10(end / (most + 1)));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((size) => Math.ceil(end / size) - 1 <= most)!;
  // Whole multiples, so that no error of a sum is written.
  return Array.from({ length: Math.ceil(end / step) - 1 }, (_, i) => Number(((i + 1) * step).toPrecision(12)));
}
