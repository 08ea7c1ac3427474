import { expect, test } from 'vitest';
import type { SiteInfo } from '../../lens/api/site';
import { seeded } from '../../lens/testing/fixtures';
import { amountOf, exact, scalesOf, shownUnit, storedMaximum, strengthFrom, unitsOf } from './unit';

const scales = { max: Math.fround(10.359), norm: 236 };

test('a strength is the shortest number that is the same float32', () => {
  expect([300, -5, 0.1, 1e-30, 3e38, 1.2345678901].map(exact)).toEqual([300, -5, 0.1, 1e-30, 3e38, 1.2345679]);
  expect([1e39, Number.NaN, Number.POSITIVE_INFINITY].map(exact)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect(Object.is(exact(-0), 0)).toBe(true);
});

test('what is typed is what is shown again, in every unit', () => {
  for (const unit of ['raw', 'max', 'norm'] as const)
    for (const typed of [3, -10, 300, 0.05, 1.4, 1e-9, 123456, 0])
      expect(amountOf(strengthFrom(typed, unit, scales), unit, scales)).toBe(typed);
});

test('what is shown gives the same strength to the last bit, whatever the unit', () => {
  const random = seeded(1);
  for (let i = 0; i < 2000; i++) {
    const strength = exact((random() - 0.5) * 10 ** (20 * random() - 10));
    for (const unit of ['raw', 'max', 'norm'] as const)
      expect(strengthFrom(amountOf(strength, unit, scales), unit, scales)).toBe(strength);
  }
});

test('a unit is offered where one of it is known', () => {
  expect(unitsOf('add', scales)).toEqual(['max', 'raw', 'norm']);
  expect(unitsOf('clamp', { max: null, norm: 236 })).toEqual(['raw', 'norm']);
  expect(unitsOf('scale', scales)).toEqual(['raw']);
  expect([shownUnit('max', scales), shownUnit('max', { max: null, norm: null })]).toEqual(['max', 'raw']);
});

test('a share of the norm is of the change’s length, so that a long decoder row takes less strength', () => {
  expect(scalesOf(10, 236, 2)).toEqual({ max: 10, norm: 118 });
  expect(scalesOf(null, 236, null)).toEqual({ max: null, norm: null });
  expect(scalesOf(null, null, 1).norm).toBeNull();
});

test('a maximum is what the dictionary states, and never 0', () => {
  const site = { maximum: Float32Array.of(0, 4) } as SiteInfo;
  expect([storedMaximum(site, 1), storedMaximum(site, 0), storedMaximum(site, 9)]).toEqual([4, null, null]);
  expect([storedMaximum({ ...site, maximum: null }, 1), storedMaximum(undefined, 1)]).toEqual([null, null]);
});
