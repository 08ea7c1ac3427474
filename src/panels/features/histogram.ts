/** Heights of stepped bars, 0..1, on a log scale: a bin with one firing is still seen beside one with thousands. */
export function heights(counts: ArrayLike<number>): number[] {
  const most = Array.from(counts).reduce((a, b) => Math.max(a, b), 0);
  return Array.from(counts, (count) => (most > 0 ? Math.log1p(count) / Math.log1p(most) : 0));
}

/** The outline of bars of equal width, closed along the bottom, in a box `width` x `height`. */
export function stepped(bars: readonly number[], width: number, height: number): string {
  const steps = bars.map((bar, i) => `V${round(height * (1 - bar))}H${round(((i + 1) / bars.length) * width)}`);
  return `M0 ${height}${steps.join('')}V${height}Z`;
}

const round = (x: number) => Math.round(x * 100) / 100;

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
