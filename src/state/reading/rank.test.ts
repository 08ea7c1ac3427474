import { expect, test } from 'vitest';
import type { SiteCodes } from '../../lens/api/site';
import { latentOf } from '../../lens/maths/report';
import { shade } from '../base/shade';
import { fvuOver, over, peak, rankFeatures } from './rank';

const NONE = 0xffffffff;
const codes: SiteCodes = {
  layer: 3,
  k: 3,
  ids: Uint32Array.from([9, 1, 2, 5, 6, NONE, 6, 5, 7]),
  values: Float32Array.from([900, 3, 2, 8, 4, 0, 6, 2, 1]),
  fvu: Float32Array.from([0.9, 0.1, 0.2]),
  norm: new Float32Array(3),
  centred: new Float32Array(3),
  active: new Uint32Array(0),
  peak: new Float32Array(0),
};
const maxima: Record<number, number> = { 5: 16, 6: 6, 7: 1, 9: 1000 };
const maximumOf = (id: number) => maxima[id] ?? null;

test('ranks by activation over maximum, says how many are active, and leaves position 0 and unused slots out', () => {
  const { rows, active } = rankFeatures(codes, {
    positions: [1, 2],
    maximumOf,
    by: 'relative',
    top: 2,
  });
  expect(active).toBe(3);
  expect(rows.map((r) => [r.id, r.value, r.position, r.relative])).toEqual([
    [6, 6, 2, 1],
    [7, 1, 2, 1],
  ]);
});

test('raw ranking is by activation; position 0 counts when asked for; no maximum, no relative value', () => {
  const { rows } = rankFeatures(codes, { positions: [0, 1, 2], maximumOf, by: 'raw', top: 12 });
  expect(rows.map((r) => r.id)).toEqual([9, 5, 6, 1, 2, 7]);
  expect(rows.find((r) => r.id === 1)!.relative).toBeNull();
});

test('a chip restricts the ranking to its own positions', () => {
  const { rows } = rankFeatures(codes, {
    positions: [1],
    maximumOf,
    by: 'relative',
    top: 12,
  });
  expect(rows.map((r) => r.id)).toEqual([6, 5]);
});

test('over a selection features rank by largest, mean or count, the mean taken over all of its tokens', () => {
  const over = (over: 'max' | 'mean' | 'count') =>
    rankFeatures(codes, { positions: [1, 2], maximumOf, by: 'raw', over, top: 12 }).rows;
  expect(over('max').map((r) => [r.id, r.value, r.mean, r.count])).toEqual([
    [5, 8, 5, 2],
    [6, 6, 5, 2],
    [7, 1, 0.5, 1],
  ]);
  expect(over('mean').map((r) => [r.id, r.relative])).toEqual([
    [5, 5 / 16],
    [6, 5 / 6],
    [7, 0.5],
  ]);
  expect(over('count').map((r) => r.id)).toEqual([5, 6, 7]);
});

test('hidden features are counted as active and not listed', () => {
  const ranking = rankFeatures(codes, { positions: [1, 2], maximumOf, by: 'raw', hidden: (id) => id === 5, top: 12 });
  expect(ranking.rows.map((r) => r.id)).toEqual([6, 7]);
  expect([ranking.active, ranking.dense]).toEqual([3, 1]);
});

test('one feature over all tokens, and its peak without position 0', () => {
  expect([...latentOf(codes, 5)]).toEqual([0, 8, 2]);
  expect(peak(latentOf(codes, 9), [1, 2])).toBe(0);
  expect(peak([Number.NaN, 2, 1], [0, 1, 2])).toBe(2);
});

test('shade is 0 at zero, .08 just above, 1 at the maximum and beyond', () => {
  expect(shade(0, 10)).toBe(0);
  expect(shade(Number.NaN, 10)).toBe(0);
  expect(shade(1e-6, 10)).toBeCloseTo(0.08, 4);
  expect(shade(10, 10)).toBeCloseTo(1, 6);
  expect(shade(99, 10)).toBeCloseTo(1, 6);
  expect(shade(1, 9)).toBeCloseTo(0.08 + 0.92 * Math.log10(2), 6);
});

test('some positions are told by its largest value, its mean and on how many tokens there is one', () => {
  expect(over(latentOf(codes, 5), [0, 1, 2])).toEqual({ max: 8, mean: 10 / 3, count: 2 });
  expect(over([Number.NaN, 2, 4], [0, 1, 2]).mean).toBe(3);
  expect(over([Number.NaN], [0]).mean).toBeNaN();
});

test('the FVU over some positions is the ratio of sums, in which a token weighs by what it spreads', () => {
  const read = { fvu: Float32Array.of(0.9, 0.5, 0.25), centred: Float32Array.of(1000, 1, 2) };
  expect(fvuOver(read, [1, 2])).toBeCloseTo((0.5 + 0.25 * 4) / 5, 6);
  expect(fvuOver(read, [0, 1, 2])).toBeCloseTo(0.9, 4);
  expect(fvuOver(read, [])).toBeNaN();
});
