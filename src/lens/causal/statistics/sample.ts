import { demandNumbers, demandShare } from './checks';

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The sample's standard deviation, with n − 1. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  let square = 0;
  for (const value of values) square += (value - middle) ** 2;
  return Math.sqrt(square / (values.length - 1));
}

/** A quantile of a sample, linear between its neighbours (definition 7 of Hyndman & Fan 1996, Am. Stat. 50:361). */
export function quantile(values: readonly number[], share: number): number {
  demandNumbers(values, 'Values');
  demandShare(share, 'A quantile');
  const sorted = Float64Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return sorted[below]! + (at - below) * (next - sorted[below]!);
}
