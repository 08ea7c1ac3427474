import { uniform } from '../../../maths/random';

/** Uniform numbers in (0, 1), one after the other. */
export type Stream = () => number;

export function streamOf(seed: number): Stream {
  let at = 0;
  return () => uniform(seed, 0, at++);
}

/** Two standard normals become one: Box and Muller's. */
export const normalFrom = (next: Stream): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());

/** From Beta(mean/ρ', (1 − mean)/ρ') whose texts of one prompt have the intraclass correlation `rho` (Jöhnk 1964). */
export function betaFrom(next: Stream, mean: number, rho: number): number {
  const size = 1 / rho - 1;
  for (;;) {
    const x = next() ** (1 / (mean * size));
    const y = next() ** (1 / ((1 - mean) * size));
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}

/** The same chance, moved by so much on the scale of log-odds. */
export function moved(chance: number, by: number): number {
  const odds = (chance / (1 - chance)) * Math.exp(by);
  return odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
}
