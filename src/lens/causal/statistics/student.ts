import { demandCount, demandShare } from './checks';
import { rootOf } from './root';

/** P(T <= t) of Student's t with a whole number of degrees: a finite sum (Abramowitz & Stegun 26.7.3 and 26.7.4, with
 *  θ = atan(t / √degrees)), so that no incomplete beta function is needed. */
export function studentCdf(t: number, degrees: number): number {
  demandCount(degrees, 'Degrees of freedom', 1);
  const sine = t / Math.sqrt(degrees + t * t);
  const square = degrees / (degrees + t * t);
  const odd = degrees % 2;
  let term = odd === 1 ? Math.sqrt(square) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = 2 + odd; k < degrees; k += 2) {
    term *= (square * (k - 1)) / k;
    sum += term;
  }
  const within = odd === 1 ? (2 / Math.PI) * (Math.atan(t / Math.sqrt(degrees)) + sine * sum) : sine * sum;
  return (1 + within) / 2;
}

/** t with P(T <= t) = p. */
export function studentQuantile(p: number, degrees: number): number {
  demandShare(p, 'A quantile’s level');
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let high = 1;
  while (studentCdf(high, degrees) < p && high < 1e12) high *= 2;
  return rootOf((t) => studentCdf(t, degrees) - p, 0, high);
}
