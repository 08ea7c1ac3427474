import { expect, test } from 'vitest';
import { type SiteCodes, type SiteInfo, UNSTATED } from '../../lens/api/site';
import { createRanking, denseFrom, isDense, keptRows, type RankView, rankingOf, scaleOf } from './select';
import { selectionOf } from './selection';
import type { Reading } from './trace';

const site: SiteInfo = {
  layer: 3,
  width: 8,
  k: 1,
  activation: 'topk',
  about: UNSTATED,
  center: 'mean',
  normMedian: null,
  maximum: Float32Array.from([0, 4, 10, 0, 0, 0, 0, 0]),
  density: null,
  fvu: null,
  sha256: null,
  features: null,
};
const codes: SiteCodes = {
  layer: 3,
  k: 1,
  ids: Uint32Array.from([2, 1, 2]),
  values: Float32Array.from([90, 3, 5]),
  fvu: Float32Array.from([0.9, 0.1, 0.25]),
  norm: new Float32Array(3),
  centred: new Float32Array(3),
  active: new Uint32Array(0),
  peak: new Float32Array(0),
};
const chips = [0, 1, 2].map((from) => ({ text: 'x', from, to: from, special: false }));
const reading: Reading = {
  text: 'xxx',
  prompt: 'xxx',
  chips,
  count: 3,
  sites: { 3: codes },
  sinks: { 3: new Set([0]) },
  bos: false,
  surprisal: Float32Array.from([Number.NaN, 2, 4]),
};

const view: RankView = {
  locked: null,
  anchor: null,
  scope: null,
  rank: 'relative',
  over: 'max',
  first: false,
  template: false,
  dense: false,
};

test('the list is of the locked token, or of the text without position 0', () => {
  const ids = (locked: number | null, first: boolean) =>
    rankingOf(reading, site, {}, { ...view, locked, first }).rows.map((row) => row.id);
  expect(ids(null, false)).toEqual([1, 2]);
  expect(ids(null, true)).toEqual([2, 1]);
  expect(ids(2, false)).toEqual([2]);
});

test('a selection goes from the locked token to the anchor, whichever comes first', () => {
  expect(selectionOf(reading, { locked: 2, anchor: 1 })).toEqual({ from: 1, to: 2 });
  expect(selectionOf(reading, { locked: 1, anchor: null })).toEqual({ from: 1, to: 1 });
  expect(selectionOf(reading, { locked: null, anchor: 1 })).toBeNull();
  expect(rankingOf(reading, site, {}, { ...view, locked: 1, anchor: 2 }).rows.map((row) => row.id)).toEqual([1, 2]);
});

test('dense is a density above 10 %, or above ten times k / width where that is more, and never above a half', () => {
  const of = (k: number, activation: 'topk' | 'threshold' = 'topk', l0: number | null = null) =>
    denseFrom({ width: 2048, k, activation, about: { ...UNSTATED, l0 } });
  expect(of(16)).toBe(0.1);
  expect(of(50)).toBeCloseTo(0.244, 3);
  // A share of tokens, also of a dictionary that is narrow for its k.
  expect(of(456)).toBe(0.5);
  // Without a k there is only room for the largest codes, which says nothing about how often a feature fires.
  expect(of(512, 'threshold')).toBe(0.1);
  expect(of(512, 'threshold', 50)).toBeCloseTo(0.244, 3);
  const dense = { ...site, width: 1000, density: Float32Array.from([0, 0.0999, 0.11]) };
  expect([1, 2].map((id) => isDense(dense, id))).toEqual([false, true]);
  const { rows, dense: hidden } = rankingOf(reading, dense, {}, view);
  expect([rows.map((row) => row.id), hidden]).toEqual([[1], 1]);
  expect(rankingOf(reading, dense, {}, { ...view, dense: true }).rows).toHaveLength(2);
});

test('features that are kept in sight have their own values in the order they were kept, active or not', () => {
  const rows = keptRows(reading, site, {}, view, [5, 2]);
  expect(rows.map(({ id, value, relative, count }) => [id, value, relative, count])).toEqual([
    [5, 0, 0, 0],
    [2, 5, 0.5, 1],
  ]);
  // Of the locked token alone.
  expect(keptRows(reading, site, {}, { ...view, locked: 1 }, [2])[0]!.value).toBe(0);
  expect(keptRows(reading, site, {}, view, [])).toEqual([]);
});

test('the ranking is computed again only when something of it changed', () => {
  const ranking = createRanking();
  const once = ranking(reading, site, {}, view);
  const seen = {};
  expect(ranking(reading, site, seen, view)).not.toBe(once);
  expect(ranking(reading, site, seen, { ...view })).toBe(ranking(reading, site, seen, view));
  // Whatever of the view it is over or by.
  for (const part of [
    { locked: 1 },
    { scope: 'user' },
    { rank: 'raw' },
    { over: 'mean' },
    { first: true },
    { template: true },
    { dense: true },
  ] as const) {
    const before = ranking(reading, site, seen, view);
    expect([part, ranking(reading, site, seen, { ...view, ...part }) === before]).toEqual([part, false]);
  }
});

test('every scale says its end; a text’s own leaves position 0 out', () => {
  const scale = (colour: 'feature' | 'fvu' | 'surprisal', ends: 'maximum' | 'prompt', feature: number | null = 2) => {
    const { end, most, means } = scaleOf(
      reading,
      codes,
      site,
      100,
      {},
      { colour, scale: ends, first: false, template: false, sinks: new Set([0]) },
      feature,
    );
    return [end, `${most}, ${means}`];
  };
  expect(scale('feature', 'maximum')).toEqual([10, '10, the feature’s maximum']);
  expect(scale('feature', 'prompt')).toEqual([5, '5, this text’s largest']);
  expect(scale('feature', 'maximum', null)).toEqual([0, ', no feature chosen']);
  expect(scale('fvu', 'maximum')).toEqual([1, '1, nothing explained']);
  expect(scale('fvu', 'prompt')).toEqual([0.25, '0.25, this text’s largest']);
  expect(scale('surprisal', 'maximum')).toEqual([Math.log(100), '4.61 nats, a uniform guess']);
  expect(scale('surprisal', 'prompt')).toEqual([4, '4 nats, this text’s largest']);
});

test('without statistics the largest seen is the scale, and is called so', () => {
  const bare = { ...site, maximum: null };
  const { end, most, means } = scaleOf(
    reading,
    codes,
    bare,
    100,
    { 3: Float32Array.from([0, 0, 7, 0, 0, 0, 0, 0]) },
    { colour: 'feature', scale: 'maximum', first: false, template: false, sinks: new Set([0]) },
    2,
  );
  expect([end, most, means]).toEqual([7, '7', 'the largest seen so far']);
});
