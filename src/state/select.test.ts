import { expect, test } from 'vitest';
import type { SiteCodes, SiteInfo } from '../lens/types';
import { rankingOf, scaleOf } from './select';
import type { Reading } from './trace';

const site: SiteInfo = {
  layer: 3,
  width: 8,
  k: 1,
  center: 'mean',
  normMedian: null,
  maximum: Float32Array.from([0, 4, 10, 0, 0, 0, 0, 0]),
  density: null,
  features: null,
};
const codes: SiteCodes = {
  layer: 3,
  k: 1,
  ids: Uint32Array.from([2, 1, 2]),
  values: Float32Array.from([90, 3, 5]),
  fvu: Float32Array.from([0.9, 0.1, 0.25]),
  norm: new Float32Array(3),
};
const chips = [0, 1, 2].map((from) => ({ text: 'x', from, to: from, special: false }));
const reading: Reading = { text: 'xxx', chips, count: 3, sites: { 3: codes }, surprisal: Float32Array.from([Number.NaN, 2, 4]) };

test('the list is of the locked token, or of the text without position 0', () => {
  const ids = (locked: number | null, first: boolean) => rankingOf(reading, site, {}, { locked, rank: 'relative', first }).rows.map((row) => row.id);
  expect(ids(null, false)).toEqual([1, 2]);
  expect(ids(null, true)).toEqual([2, 1]);
  expect(ids(2, false)).toEqual([2]);
});

test('every scale says its end; a prompt’s own leaves position 0 out', () => {
  const scale = (colour: 'feature' | 'fvu' | 'surprisal', ends: 'maximum' | 'prompt', feature: number | null = 2) => {
    const { end, says } = scaleOf(reading, codes, site, 100, {}, { colour, scale: ends, first: false }, feature);
    return [end, says];
  };
  expect(scale('feature', 'maximum')).toEqual([10, '0 to 10.0, the feature’s maximum']);
  expect(scale('feature', 'prompt')).toEqual([5, '0 to 5.00, this prompt’s largest']);
  expect(scale('feature', 'maximum', null)).toEqual([0, 'no feature chosen']);
  expect(scale('fvu', 'maximum')).toEqual([1, '0 to 1, FVU; 1 = nothing explained']);
  expect(scale('fvu', 'prompt')[0]).toBe(0.25);
  expect(scale('surprisal', 'maximum')[0]).toBeCloseTo(Math.log(100), 12);
  expect(scale('surprisal', 'prompt')[0]).toBe(4);
});

test('without statistics the largest seen is the scale, and is called so', () => {
  const bare = { ...site, maximum: null };
  const { end, says } = scaleOf(
    reading,
    codes,
    bare,
    100,
    { 3: Float32Array.from([0, 0, 7, 0, 0, 0, 0, 0]) },
    { colour: 'feature', scale: 'maximum', first: false },
    2,
  );
  expect([end, says]).toEqual([7, '0 to 7.00, the largest seen so far']);
});
