import { expect, test } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { effectRow, effectSampling, effectsOf, showsEffect } from './examples';

const rate = { rate: 0.5, low: 0.4, high: 0.6, n: 100 };
const effect: Effect = {
  name: 'verse',
  title: 'Verse',
  shipped: true,
  prompt: 'The old man',
  chat: false,
  edit: { layer: 3, feature: 12, mode: 'add', strength: 14.99 },
  maxTokens: 30,
  rates: { baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate },
  claim: 'It turns prose to verse.',
};
const unit = { value: 10, source: 'statistics' } as const;

test('only effects that stood apart are shown, and only on plain texts', () => {
  const info = { effects: [effect, { ...effect, shipped: false }, { ...effect, chat: true }] } as LensInfo;
  expect(effectsOf(info, () => unit)).toEqual([effect]);
  expect(effectsOf(null, () => unit)).toEqual([]);
});

test('an edit that the panel has no slider for is not passed off as another', () => {
  const withEdit = (edit: Partial<Effect['edit']>) =>
    effectsOf({ effects: [{ ...effect, edit: { ...effect.edit, ...edit } }] } as LensInfo, () => unit);
  expect(withEdit({ strength: 10.3 })).toEqual([]);
  expect(withEdit({ mode: 'ablate', strength: 2 })).toHaveLength(1);
});

test('an effect’s edit becomes a row in the panel’s own unit and step', () => {
  expect(effectRow(effect, unit)).toEqual({
    key: 1,
    layer: 3,
    feature: 12,
    mode: 'add',
    weight: 1.5,
    where: 'all',
    on: 'active',
    enabled: true,
  });
  const clamp: Effect = {
    ...effect,
    edit: { ...effect.edit, mode: 'clamp', strength: -5, on: 'preactivation', where: 'generated' },
  };
  expect(effectRow(clamp, unit)).toMatchObject({ weight: -0.5, on: 'preactivation', where: 'generated' });
  expect(effectRow({ ...effect, edit: { ...effect.edit, mode: 'ablate', strength: 1 } }, unit).weight).toBe(1);
  // Twice the latent away: the same change of the residual, by the slider that goes so far.
  expect(effectRow({ ...effect, edit: { ...effect.edit, mode: 'ablate', strength: 2 } }, unit)).toMatchObject({
    mode: 'scale',
    weight: -2,
  });
  expect(effectSampling(effect)).toMatchObject({ maxTokens: 30, temperature: 0.7, seed: 16 });
});

test('an effect is on show while text and edit are its own', () => {
  const row = { ...effectRow(effect, unit), key: 7 };
  expect(showsEffect(effect, 'The old man', [row], unit)).toBe(true);
  expect(showsEffect(effect, 'The old man ', [row], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, weight: 1.45 }], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, enabled: false }], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [row, row], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [], unit)).toBe(false);
});
