import { demand } from './checks';

/** Beyond it the tail is below 10^-15. */
const FAR = 8;

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** P(Z <= x) of the standard normal, to an absolute 10^-15: ½ + φ(x)·(x + x³/3 + x⁵/15 + …), whose terms have one sign
 *  (Abramowitz & Stegun 26.2.11). */
export function normalCdf(x: number): number {
  if (Math.abs(x) >= FAR) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * Number.EPSILON; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/** z with P(Z <= z) = p, for p from 10^-9 to 1 − 10^-9, where the root is known to 10^-7 and
 *  nearer the middle to more. Newton's steps: above the median the distribution function is
 *  concave, so that they come from below and never pass the root. */
export function normalQuantile(p: number): number {
  demand(p >= 1e-9 && p <= 1 - 1e-9, `A quantile's level must lie between 1e-9 and 1 − 1e-9; it is ${p}.`);
  if (p < 0.5) return -normalQuantile(1 - p);
  let z = 0;
  for (;;) {
    const next = z + (p - normalCdf(z)) / density(z);
    if (next - z <= 1e-15 * (1 + z)) return z;
    z = next;
  }
}

/** z of a two-sided interval: 1.96 at .95. */
export const twoSidedZ = (level: number): number => normalQuantile(1 - (1 - level) / 2);
