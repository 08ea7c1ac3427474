import { expect, test } from 'vitest';
import type { SiteInfo } from '../../lens/api/site';
import type { Unit } from '../reading/maximum';
import { beyond, centredMedian, largestOf, rangeOf, startWeight, ticksOf } from './range';

const known: Unit = { value: 20, source: 'statistics' };
const none: Unit = { value: 1, source: 'none' };
const site = { normMedian: 76.3 } as SiteInfo;

const FIRST = new Set([0]);

test('the centred norm is a median over the text, without its sinks', () => {
  expect(centredMedian({ centred: Float32Array.of(900, 30, 10, 20) }, FIRST)).toBe(20);
  expect(centredMedian({ centred: Float32Array.of(900, 30, 10) }, FIRST)).toBe(20);
  expect(centredMedian({ centred: Float32Array.of(900) }, new Set())).toBe(900);
  expect(centredMedian({ centred: new Float32Array() }, new Set())).toBeNull();
});

test('a new row begins at 10 % of the centred norm, or at the maximum where that is less', () => {
  expect(startWeight(known, 80)).toBe(0.4);
  expect(startWeight(known, 80, 2)).toBe(0.2);
  expect(startWeight(known, 4000)).toBe(1);
  expect(startWeight({ ...known, source: 'seen' }, 4000)).toBe(1);
  // Exact where a step of the slider is too far, and at the maximum while no text has been read.
  expect(startWeight(known, 2)).toBe(0.01);
  expect(startWeight(known, 0.1)).toBe(0.0005);
  expect(startWeight(known, null)).toBe(1);
  // Without a known maximum the strength is the change itself.
  expect(startWeight(none, 80)).toBe(8);
  expect(startWeight(none, 80, 4)).toBe(2);
});

test('the slider ends at three maxima, or near the residual norm where no maximum is known', () => {
  expect(rangeOf('add', known, site)).toEqual({ min: -3, max: 3 });
  expect(rangeOf('add', none, site)).toEqual({ min: -100, max: 100 });
  expect(rangeOf('clamp', none, { ...site, normMedian: 12_345 })).toEqual({ min: -20_000, max: 20_000 });
  expect(rangeOf('scale', none, site)).toEqual({ min: -3, max: 3 });
  expect(rangeOf('ablate', none, site)).toEqual({ min: 0, max: 1 });
  expect(rangeOf('add', none, null)).toEqual({ min: -3, max: 3 });
});

test('the slider’s figures are round, whatever its ends', () => {
  const around = (normMedian: number) => ticksOf(rangeOf('add', none, { ...site, normMedian }));
  expect(around(9)).toEqual([-10, -5, 0, 5, 10]);
  expect(around(45)).toEqual([-60, -30, 0, 30, 60]);
  expect(around(1.4)).toEqual([-2, -1, 0, 1, 2]);
  expect(ticksOf(rangeOf('add', known, site))).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  expect(ticksOf(rangeOf('ablate', known, site))).toEqual([0, 0.5, 1]);
});

test('what a feature does by itself ends at its maximum and at 0', () => {
  const at = (mode: 'add' | 'scale' | 'clamp' | 'ablate', weight: number, largest = 10) =>
    beyond({ mode, weight }, known, largest);
  for (const mode of ['add', 'clamp'] as const) {
    expect(at(mode, 1)).toBeNull();
    expect(at(mode, 2.4)).toEqual({ way: 'above', times: 2.4 });
  }
  expect(at('clamp', -0.05)).toEqual({ way: 'below' });
  expect(at('add', -1)).toBeNull();
  expect(at('add', -2.4)).toEqual({ way: 'above', times: 2.4 });
  // A latent of 10, of at most 20, may be doubled.
  expect(at('scale', 1)).toBeNull();
  expect(at('scale', 2)).toEqual({ way: 'above', times: 1.5 });
  expect(at('scale', -1)).toBeNull();
  expect(at('scale', -1.05)).toEqual({ way: 'below' });
  expect(at('scale', 3, 0)).toBeNull();
  expect(at('scale', -3, 0)).toBeNull();
  expect(at('ablate', 1)).toBeNull();
  expect(at('ablate', 2)).toEqual({ way: 'below' });
  // A text on which the feature is stronger than ever: leaving it weaker is no excess of the edit.
  expect(at('ablate', 0.2, 60)).toBeNull();
  expect(beyond({ mode: 'add', weight: 9 }, none, 10)).toBeNull();
});

test('the largest latent of a text is read off its codes', () => {
  const of = new Float32Array(3);
  const codes = {
    layer: 3,
    k: 2,
    ids: Uint32Array.of(7, 1, 5, 0xffffffff, 1, 7),
    values: Float32Array.of(9, 4, 3, 0, 2, 1),
    fvu: of,
    norm: of,
    centred: of,
    active: new Uint32Array(0),
    peak: new Float32Array(0),
  };
  expect(largestOf(codes, { feature: 1 })).toBe(4);
  expect(largestOf(codes, { feature: 1 }, FIRST)).toBe(2);
  expect(largestOf(codes, { feature: 8 })).toBe(0);
});
