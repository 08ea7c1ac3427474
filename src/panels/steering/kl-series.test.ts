import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/types';
import { klEnd, klPoints, lastOf } from './kl-series';

const rows = (...kl: number[]) =>
  kl.map((value): GeneratedRow => ({ token: 1, text: '', logprob: 0, codes: {}, acted: 0, change: 0, norm: 0, kl: value, surprisal: 0, done: null }));

test('texts and draws of unequal length share one axis, and end where they end', () => {
  const points = klPoints({ baseline: [], steered: rows(0.5, 0.25), control: rows(0.1) }, [Float32Array.from([0.125, 0.25, 2]), Float32Array.from([0.5])]);
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
