/** Opacity of a fill that stands for `value` on a scale that ends at `max`: .08 + .92 log10(1 + 9 value / max), and no
 *  colour at all at zero. The log curve keeps weak activations visible; past the scale's end it stays at 1. */
export function shade(value: number, max: number): number {
  if (!(value > 0) || !(max > 0)) return 0;
  return 0.08 + 0.92 * Math.log10(1 + 9 * Math.min(1, value / max));
}
