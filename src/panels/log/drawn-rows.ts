import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';

/** Which rows are drawn: those in sight, some around them, and the chosen one wherever it is; ascending. */
export function drawnRows(range: Range, chosen: number): number[] {
  const rows = defaultRangeExtractor(range);
  if (chosen < 0 || chosen >= range.count || rows.includes(chosen)) return rows;
  return [...rows, chosen].sort((a, b) => a - b);
}
