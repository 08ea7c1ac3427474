import { expect, test } from 'vitest';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import type { SiteInfo } from '../api/site';
import { steer } from './steer';

const site = (maximum: Float32Array | null) => ({ layer: 3, width: 2, maximum }) as SiteInfo;

test('a weight counts the maximum that the dictionary states', () => {
  expect(steer([site(Float32Array.of(0, 8))], { layer: 3, feature: 1, weight: -1.5 })).toEqual({
    layer: 3,
    feature: 1,
    mode: 'add',
    strength: -12,
  });
});

test('without one the strength has to be given, whatever this machine has seen', () => {
  for (const maximum of [null, Float32Array.of(0, 8)])
    expect(() => steer([site(maximum)], { layer: 3, feature: 0, weight: 1 })).toThrow(
      new InvalidEditError(
        "No maximum of feature 3:0 is stored. Give the strength itself: { layer: 3, feature: 0, mode: 'add', strength }.",
      ),
    );
});

test('what the dictionary lacks is refused', () => {
  expect(() => steer([site(null)], { layer: 4, feature: 0, weight: 1 })).toThrow(SiteUnavailableError);
  expect(() => steer([site(null)], { layer: 3, feature: 2, weight: 1 })).toThrow(InvalidEditError);
});
