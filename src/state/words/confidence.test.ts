import { expect, it } from 'vitest';
import type { Score, ScoreControls } from '../../lens/api/verbalizer';
import { confidenceOf, notBetter } from './confidence';

const V = 0.7;
/** As the engine gives it: error = relative x V. */
const scored = (relative: number | null): Score => {
  const error = (relative ?? 1) * V;
  return { cosine: 1 - error / 2, error, relative, fve: relative === null ? null : 1 - relative };
};
const shuffled = (fve: number | null, high: number | null, cosine = 0.6): ScoreControls => ({
  constant: null,
  empty: scored(1),
  generic: scored(1),
  shuffled: { n: 64, cosine, fve, low: high === null ? null : 0, high },
});

it('is high under .3, medium under .5, low from there on, and unknown without V', () => {
  expect([0, 0.299, 0.3, 0.499, 0.5, 3].map((r) => confidenceOf(scored(r)))).toEqual([
    'high',
    'high',
    'medium',
    'medium',
    'low',
    'low',
  ]);
  expect([confidenceOf(scored(null)), confidenceOf(null), confidenceOf(scored(Number.NaN))]).toEqual([
    null,
    null,
    null,
  ]);
});

it('must be above the range of other tokens’ words, not only above their mean', () => {
  expect(notBetter(scored(0.7), shuffled(0.1, 0.25), true)).toBe(null);
  expect(notBetter(scored(0.75), shuffled(0.1, 0.25), true)).toBe('here');
  expect(notBetter(scored(0.8), shuffled(0.1, 0.25), true)).toBe('here');
});

it('compares by cosine where there is no V', () => {
  expect(notBetter(scored(null), shuffled(null, null, 0.6), null)).toBe(null);
  expect(notBetter(scored(null), shuffled(null, null, 0.9), null)).toBe('here');
});

it('says what held-out text said, even of a good score', () => {
  expect(notBetter(scored(0.1), shuffled(0.1, 0.2), false)).toBe('held-out');
  expect(notBetter(scored(0.9), shuffled(0.1, 0.2), false)).toBe('here');
  expect(notBetter(null, null, false)).toBe('held-out');
  expect(notBetter(scored(0.9), null, null)).toBe(null);
});
