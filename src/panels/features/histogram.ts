/** Share of the firings that are below `value`, those of its own bin in proportion. */
export function shareBelow(counts: ArrayLike<number>, maximum: number, value: number): number {
  const at = (value / maximum) * counts.length;
  let below = 0;
  let all = 0;
  for (let i = 0; i < counts.length; i++) {
    below += counts[i]! * Math.min(1, Math.max(0, at - i));
    all += counts[i]!;
  }
  return all > 0 ? below / all : 0;
}
