import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import { klEnd, klPoints, LEFT, lastOf, pointAt, RIGHT, xOf } from './kl-series';

const rows = (...kl: number[]) =>
  kl.map(
    (value): GeneratedRow => ({
      token: 1,
      text: '',
      logprob: 0,
      codes: {},
      acted: 0,
      change: 0,
      norm: 0,
      kl: value,
      surprisal: 0,
      done: null,
    }),
  );

test('texts and draws of unequal length share one axis, and end where they end', () => {
  const points = klPoints({ baseline: [], steered: rows(0.5, 0.25), control: rows(0.1) }, [
    Float32Array.from([0.125, 0.25, 2]),
    Float32Array.from([0.5]),
  ]);
  expect(points).toEqual([
    { token: 1, steered: 0.5, control: 0.1, band: [0.125, 0.5] },
    { token: 2, steered: 0.25, control: undefined, band: [0.25, 0.25] },
    { token: 3, steered: undefined, control: undefined, band: [2, 2] },
  ]);
  expect(klEnd(points)).toBe(2);
  expect([lastOf(points, 'steered'), lastOf(points, 'control')]).toEqual([1, 0]);
});

test('nothing run, nothing drawn', () => {
  expect(klPoints({ baseline: [], steered: null, control: null }, null)).toEqual([]);
  expect(klEnd([])).toBe(0);
});

test('the pointer finds the token whose place on the axis is nearest, and none beside the axis', () => {
  const width = LEFT + 200 + RIGHT;
  for (const n of [1, 2, 12, 512]) for (let i = 0; i < n; i++) expect(pointAt(xOf(i, width, n), width, n)).toBe(i);
  expect([xOf(0, width, 3), xOf(2, width, 3)]).toEqual([LEFT, LEFT + 200]);
  expect([
    pointAt(LEFT - 18, width, 3),
    pointAt(width - RIGHT + 22, width, 3),
    pointAt(100, width, 0),
    pointAt(LEFT + 2, 0, 3),
  ]).toEqual([null, null, null, null]);
});
