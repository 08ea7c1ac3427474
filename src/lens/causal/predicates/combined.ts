import type { Evidence, Judge } from './judge';

/** 1 - x: undecided with its operand. */
export const not = (of: Judge): Judge => ({
  judge(evidence) {
    const value = of.judge(evidence);
    return value === null ? null : 1 - value;
  },
  decided(soFar) {
    const value = of.decided(soFar);
    return value === null ? null : value === 1 ? 0 : 1;
  },
});

/** The least of its operands, and the largest: Kleene's logic, on numbers. One operand may settle it (0 for `and`, 1 for
 *  `or`); without such a one, an undecided operand leaves it undecided. */
export const and = (of: readonly Judge[]): Judge => extreme(of, 0, Math.min);
export const or = (of: readonly Judge[]): Judge => extreme(of, 1, Math.max);

function extreme(of: readonly Judge[], settles: 0 | 1, most: (...values: number[]) => number): Judge {
  const joined = <T extends number>(values: readonly (T | null)[]): T | null => {
    if (values.includes(settles as T)) return settles as T;
    return values.includes(null) ? null : (most(...(values as T[])) as T);
  };
  return {
    judge: (evidence: Evidence) => joined(of.map((one) => one.judge(evidence))),
    decided: (soFar: Evidence) => joined(of.map((one) => one.decided(soFar))),
  };
}
