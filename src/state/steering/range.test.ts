import { expect, test } from 'vitest';
import type { SiteInfo } from '../../lens/api/site';
import type { Unit } from '../reading/maximum';
import { beyond, centredMedian, largestOf, normOf, rangeOf, startStrength, ticksOf } from './range';

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

test('the norm that shares are of is the dictionary’s, else the text’s in two figures', () => {
  const codes = { norm: Float32Array.of(9000, 240, 236, 231) };
  const sinks = new Set([0]);
  expect(normOf(site, codes, sinks)).toBe(76.3);
  expect(normOf({ normMedian: null }, codes, sinks)).toBe(240);
  expect(normOf(null, undefined, null)).toBeNull();
});

test('a new row begins at 10 % of the centred norm, or at the maximum where that is less', () => {
  const starts = (...args: Parameters<typeof startStrength>) => startStrength(...args).strength;
  expect(startStrength(20, 80)).toEqual({ strength: 8, unit: 'max' });
  expect(starts(20, 80, 2)).toBe(4);
  expect(starts(20, 4000)).toBe(20);
  // Exact where a step of the slider is too far, and at the maximum while no text has been read.
  expect(starts(20, 2)).toBe(0.2);
  expect(starts(20, 0.1)).toBe(0.01);
  expect(starts(20, null)).toBe(20);
  // Without a stored maximum in activations.
  expect(startStrength(null, 81.23)).toEqual({ strength: 8.1, unit: 'raw' });
  expect(starts(null, 80, 4)).toBe(2);
  expect(starts(null, null)).toBe(1);
});

const all = { max: 20, norm: 76.3 };
const ends = (...args: Parameters<typeof rangeOf>) => {
  const { min, max } = rangeOf(...args);
  return [min, max];
};

test('the slider ends at three maxima, at the norm, or near them in activations', () => {
  expect(rangeOf('add', 'max', 1, all)).toEqual({ min: -3, max: 3, step: 0.05 });
  expect(rangeOf('add', 'norm', 0.1, all)).toEqual({ min: -1, max: 1, step: 0.01 });
  expect(rangeOf('add', 'raw', 1, all)).toEqual({ min: -60, max: 60, step: 0.6 });
  expect(ends('add', 'raw', 1, { max: null, norm: 76.3 })).toEqual([-100, 100]);
  expect(ends('clamp', 'raw', 1, { max: null, norm: 12_345 })).toEqual([-20_000, 20_000]);
  expect(ends('add', 'raw', 1, { max: null, norm: null })).toEqual([-4, 4]);
  expect(rangeOf('scale', 'raw', 1, all)).toEqual({ min: -3, max: 3, step: 0.05 });
  expect(rangeOf('ablate', 'raw', 1, all)).toEqual({ min: 0, max: 1, step: 0.05 });
});

test('it grows by doubling to hold what was typed', () => {
  expect(ends('add', 'max', 3, all)).toEqual([-3, 3]);
  expect(ends('add', 'max', -10, all)).toEqual([-12, 12]);
  expect(ends('add', 'raw', 300, all)).toEqual([-480, 480]);
  expect(ends('ablate', 'raw', 1.5, all)).toEqual([0, 2]);
  expect(ends('ablate', 'raw', -0.5, all)).toEqual([-1, 1]);
  expect(rangeOf('add', 'max', 3e38, all).max).toBeGreaterThan(3e38);
});

test('the slider’s figures are round, whatever its ends', () => {
  const around = (norm: number) => ticksOf(rangeOf('add', 'raw', 1, { max: null, norm }));
  expect(around(9)).toEqual([-10, -5, 0, 5, 10]);
  expect(around(45)).toEqual([-60, -30, 0, 30, 60]);
  expect(around(1.4)).toEqual([-2, -1, 0, 1, 2]);
  expect(ticksOf(rangeOf('add', 'max', 1, all))).toEqual([-3, -2, -1, 0, 1, 2, 3]);
  expect(ticksOf(rangeOf('add', 'max', 4, all))).toEqual([-6, -3, 0, 3, 6]);
  expect(ticksOf(rangeOf('ablate', 'raw', 1, all))).toEqual([0, 0.5, 1]);
});

test('what a feature does by itself ends at its maximum and at 0', () => {
  const at = (mode: 'add' | 'scale' | 'clamp' | 'ablate', amount: number, largest = 10) =>
    beyond({ mode, strength: mode === 'add' || mode === 'clamp' ? 20 * amount : amount }, known, largest);
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
  expect(beyond({ mode: 'add', strength: 9 }, none, 10)).toBeNull();
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
