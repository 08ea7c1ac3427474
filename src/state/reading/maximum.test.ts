import { expect, test } from 'vitest';
import { type SiteCodes, type SiteInfo, UNSTATED } from '../../lens/api/site';
import { see, unitOf } from './maximum';

const site: SiteInfo = {
  layer: 3,
  width: 4,
  k: 2,
  activation: 'topk',
  about: UNSTATED,
  center: 'mean',
  normMedian: null,
  maximum: Float32Array.from([5, 0, 7, 0]),
  density: null,
  fvu: null,
  sha256: null,
  features: null,
};
const codes: SiteCodes = {
  layer: 3,
  k: 2,
  ids: Uint32Array.from([3, 1, 1, 0xffffffff]),
  values: Float32Array.from([90, 80, 2.5, 0]),
  fvu: new Float32Array(2),
  norm: new Float32Array(2),
  centred: new Float32Array(2),
  active: new Uint32Array(0),
  peak: new Float32Array(0),
};

test('statistics first, then what was seen, then 1, each said', () => {
  const seen = see({}, site, codes);
  expect(unitOf(site, 0, seen)).toEqual({ value: 5, source: 'statistics' });
  expect(unitOf(site, 1, seen)).toEqual({ value: 2.5, source: 'seen' });
  expect(unitOf(site, 3, seen)).toEqual({ value: 1, source: 'none' });
  expect(unitOf(undefined, 3, seen)).toEqual({ value: 1, source: 'none' });
});

test('seeing again only raises, and changes no earlier record', () => {
  const first = see({}, site, codes);
  const second = see(first, site, { ...codes, values: Float32Array.from([0, 0, 4, 0]) });
  expect(second[3]![1]).toBe(4);
  expect(first[3]![1]).toBe(2.5);
  expect(see(second, site, codes)[3]![1]).toBe(4);
});

test('what a sink has is not seen', () => {
  const sunk = { ...codes, norm: Float32Array.of(10, 50), peak: Float32Array.of(0.9, 0.9) };
  expect(see({}, { ...site, normMedian: 10 }, sunk)[3]![1]).toBe(0);
  expect(see({}, { ...site, normMedian: 20 }, sunk)[3]![1]).toBe(2.5);
});
