import { expect, test } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { effectRows, effectSampling, effectSays, effectsOf, showsEffect } from './examples';

const rate = { rate: 0.5, low: 0.4, high: 0.6, n: 100 };
const effect: Effect = {
  name: 'verse',
  title: 'Verse',
  shipped: true,
  range: 'natural',
  prompt: 'The old man',
  beside: null,
  chat: false,
  edits: [{ layer: 3, feature: 12, mode: 'add', strength: 14.99 }],
  maxTokens: 30,
  tried: 'held-out prompts',
  outcome: 'turn to verse',
  rates: { baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate },
  strongestChange: null,
  strongestOther: null,
  claim: 'It turns prose to verse.',
};
const [edit] = effect.edits as [Effect['edits'][number]];
const unit = (_layer: number, feature: number) => ({ value: feature === 12 ? 10 : 4, source: 'statistics' }) as const;
const sums = {
  prompt: 'The old woman',
  tried: 'sums',
  baseline: { ...rate, rate: 0.01 },
  edited: { ...rate, rate: 0.03 },
};
const pair: Effect = {
  ...effect,
  beside: sums,
  edits: [edit, { layer: 4, feature: 7, mode: 'ablate', strength: 1 }],
};

test('only effects that stood apart are shown, and only on plain texts', () => {
  const info = { effects: [effect, { ...effect, shipped: false }, { ...effect, chat: true }] } as LensInfo;
  expect(effectsOf(info, unit)).toEqual([effect]);
  expect(effectsOf(null, unit)).toEqual([]);
});

test('edits that the panel’s step does not have are not passed off as others, not one of several', () => {
  const withEdit = (other: Partial<Effect['edits'][number]>) =>
    effectsOf({ effects: [{ ...pair, edits: [pair.edits[1], { ...edit, ...other }] }] } as LensInfo, unit);
  expect(withEdit({})).toHaveLength(1);
  expect(withEdit({ strength: 10.3 })).toEqual([]);
  expect(withEdit({ mode: 'ablate', strength: 2 })).toHaveLength(1);
  expect(withEdit({ mode: 'ablate', strength: 0.97 })).toEqual([]);
});

test('an effect’s edits become rows in the panel’s own units and step', () => {
  const row = { key: 1, layer: 3, feature: 12, mode: 'add', weight: 1.5, where: 'all', on: 'active', enabled: true };
  expect(effectRows(effect, unit)).toEqual([row]);
  expect(effectRows(pair, unit)).toEqual([row, { ...row, key: 2, layer: 4, feature: 7, mode: 'ablate', weight: 1 }]);
  const rowOf = (other: Partial<Effect['edits'][number]>) =>
    effectRows({ ...effect, edits: [{ ...edit, ...other }] }, unit)[0];
  expect(rowOf({ mode: 'clamp', strength: -5, on: 'preactivation', where: 'generated' })).toMatchObject({
    weight: -0.5,
    on: 'preactivation',
    where: 'generated',
  });
  expect(rowOf({ mode: 'clamp', strength: 0 })).toMatchObject({ weight: 0, on: 'everywhere' });
  expect(rowOf({ mode: 'ablate', strength: 2 })).toMatchObject({ mode: 'ablate', weight: 2 });
  expect(effectSampling(effect)).toMatchObject({ maxTokens: 30, temperature: 0.7, seed: 16 });
});

test('an effect is on show while text and edits are its own, on either of its texts', () => {
  const row = { ...effectRows(effect, unit)[0]!, key: 7 };
  expect(showsEffect(effect, 'The old man', [row], unit)).toBe(true);
  expect(showsEffect(effect, 'The old man', [{ ...row, left: { clamp: { weight: 1, on: 'active' } } }], unit)).toBe(
    true,
  );
  expect(showsEffect(effect, 'The old man ', [row], unit)).toBe(false);
  expect(showsEffect(effect, 'The old woman', [row], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, weight: 1.45 }], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, enabled: false }], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [row, row], unit)).toBe(false);
  expect(showsEffect(effect, 'The old man', [], unit)).toBe(false);
  for (const text of ['The old man', 'The old woman']) {
    expect(showsEffect(pair, text, effectRows(pair, unit), unit)).toBe(true);
    expect(showsEffect(pair, text, [row], unit)).toBe(false);
  }
});

test('what was counted stands in a sentence, beside what no edit and the strongest control did', () => {
  const rates = { ...effect.rates, edited: { ...rate, rate: 0.9 }, baseline: { ...rate, rate: 0.02 } };
  expect(effectSays({ ...effect, rates })).toBe(
    'With this edit 90 of 100 held-out prompts turn to verse (2 without it). With random features: 50 in 100.',
  );
  const strongestChange = { rate: 0.26, of: 40 };
  const strongestOther = { features: [{ layer: 3, feature: 1 }], rate: 0.19, of: 20 };
  expect(effectSays({ ...effect, rates, strongestChange, strongestOther })).toBe(
    'With this edit 90 of 100 held-out prompts turn to verse (2 without it). Controls, at most: 26 with 40 random changes of the same size.',
  );
  const edits = pair.edits.map((edit) => ({ ...edit, mode: 'ablate' as const, strength: 1 }));
  expect(effectSays({ ...pair, edits, rates, strongestChange, strongestOther })).toBe(
    'With these 2 edits 90 of 100 held-out prompts turn to verse (2 without them), and 3 of 100 sums (1 without). Controls, at most: 19 with 20 random groups of 2 features ablated, 26 with 40 random changes of the same size.',
  );
});
