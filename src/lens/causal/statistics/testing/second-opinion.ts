import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Interval } from '../interval';

type Limits = [low: number, high: number];

/** fixtures/causal/statistics.json, which training/independent/causal_statistics.py writes with SciPy. */
interface Opinion {
  normal: { p: number; z: number }[];
  student: { p: number; degrees: number; t: number }[];
  rates: { hits: number; n: number; level: number; wilson: Limits; exact: Limits }[];
  tables: {
    table: [both: number, gained: number, lost: number, neither: number];
    newcombe: [mean: number, low: number, high: number];
    p: number;
    midP: number;
  }[];
  ranks: { edit: number; draws: number[]; p: number }[];
  several: { ps: number[]; holm: number[]; largest: number }[];
}

export const opinion: Opinion = JSON.parse(readFileSync('fixtures/causal/statistics.json', 'utf8'));

/** Within an absolute and a relative `close`. */
export function expectClose(ours: readonly number[], theirs: readonly number[], close = 1e-9): void {
  expect(ours).toHaveLength(theirs.length);
  ours.forEach((x, i) => {
    expect(Math.abs(x - theirs[i]!), `${x} and ${theirs[i]}`).toBeLessThan(close * (1 + Math.abs(theirs[i]!)));
  });
}

export const limits = ({ low, high }: Interval): number[] => [low, high];
