import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Interval } from '../interval';

type Limits = [low: number, high: number];
type Three = [mean: number, low: number, high: number];

/** fixtures/causal/statistics.json, which training/independent/causal_statistics.py writes with SciPy. */
interface Opinion {
  normal: { p: number; z: number }[];
  student: { p: number; degrees: number; t: number }[];
  rates: { hits: number; n: number; level: number; wilson: Limits; exact: Limits }[];
  tables: {
    table: [both: number, gained: number, lost: number, neither: number];
    newcombe: Three;
    p: number;
    midP: number;
  }[];
  ranks: { edit: number; draws: number[]; p: number }[];
  several: { ps: number[]; holm: number[]; largest: number }[];
  clusters: { rows: number[][]; rho: number; size: number }[];
  /** `flips` is exact, `near` of 200,000 random flips. */
  effects: { effects: number[]; flips?: number; near?: number; student?: Three }[];
  /** By 100,000 resamples. */
  excess: { edit: number[]; draws: number[][]; excess: Three }[];
  doses: { edit: number[]; draws: number[][]; adjusted: number[] }[];
  needed: {
    effect: number;
    turned: number;
    alpha: number;
    power: number;
    rate: number;
    mean: number;
    smallest: number;
  }[];
  increasing: { values: number[]; fitted: number[] }[];
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
