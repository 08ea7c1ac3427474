/** Rows drawn above and below those in sight, so that a turn of the wheel finds them there. */
const BEYOND = 8;

/** Which of `count` rows of one height are drawn: those in sight, some around them, and the chosen one wherever it is;
 *  ascending. */
export function rowsInSight(
  count: number,
  height: number,
  sight: { top: number; height: number },
  chosen: number,
): number[] {
  const first = Math.max(0, Math.min(count, Math.floor(sight.top / height)) - BEYOND);
  const last = Math.min(count - 1, Math.ceil((sight.top + sight.height) / height) + BEYOND);
  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  if (chosen < 0 || chosen >= count || (chosen >= first && chosen <= last)) return rows;
  return chosen < first ? [chosen, ...rows] : [...rows, chosen];
}
