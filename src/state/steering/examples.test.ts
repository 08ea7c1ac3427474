import { expect, test } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import type { LensInfo } from '../../lens/api/lens';
import { effectRows, effectSampling, effectSays, effectsOf, showsEffect } from './examples';
import type { MaximumOf } from './unit';

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
const maximum = (_layer: number, feature: number) => (feature === 12 ? 10 : 4);
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
  expect(effectsOf(info)).toEqual([effect]);
  expect(effectsOf(null)).toEqual([]);
});

test('edits that the slider’s step does not have are taken as they were measured', () => {
  const strength = (other: Partial<Effect['edits'][number]>, of = maximum as MaximumOf) =>
    effectRows({ ...effect, edits: [{ ...edit, ...other }] }, of)[0]!.strength;
  expect(strength({})).toBe(15);
  expect(strength({ strength: 10.3 })).toBe(10.3);
  expect(strength({ mode: 'ablate', strength: 0.97 })).toBe(0.97);
  expect(strength({}, () => null)).toBe(14.99);
});

test('an effect’s edits become rows, on the slider’s step', () => {
  const row = {
    key: 1,
    layer: 3,
    feature: 12,
    mode: 'add',
    strength: 15,
    unit: 'max',
    where: 'all',
    on: 'active',
    enabled: true,
  };
  expect(effectRows(effect, maximum)).toEqual([row]);
  expect(effectRows(pair, maximum)).toEqual([
    row,
    { ...row, key: 2, layer: 4, feature: 7, mode: 'ablate', strength: 1, unit: 'raw' },
  ]);
  const rowOf = (other: Partial<Effect['edits'][number]>) =>
    effectRows({ ...effect, edits: [{ ...edit, ...other }] }, maximum)[0];
  expect(rowOf({ mode: 'clamp', strength: -5, on: 'preactivation', where: 'generated' })).toMatchObject({
    strength: -5,
    on: 'preactivation',
    where: 'generated',
  });
  expect(rowOf({ mode: 'clamp', strength: 0 })).toMatchObject({ strength: 0, on: 'everywhere' });
  expect(rowOf({ mode: 'ablate', strength: 2 })).toMatchObject({ mode: 'ablate', strength: 2, unit: 'raw' });
  expect(effectSampling(effect)).toMatchObject({ maxTokens: 30, temperature: 0.7, seed: 16 });
});

test('an effect is on show while text and edits are its own, on either of its texts', () => {
  const row = { ...effectRows(effect, maximum)[0]!, key: 7 };
  expect(showsEffect(effect, 'The old man', [row], maximum)).toBe(true);
  expect(
    showsEffect(
      effect,
      'The old man',
      [{ ...row, left: { clamp: { strength: 1, unit: 'raw', on: 'active' } } }],
      maximum,
    ),
  ).toBe(true);
  expect(showsEffect(effect, 'The old man', [{ ...row, unit: 'raw' }], maximum)).toBe(true);
  expect(showsEffect(effect, 'The old man ', [row], maximum)).toBe(false);
  expect(showsEffect(effect, 'The old woman', [row], maximum)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, strength: 14.5 }], maximum)).toBe(false);
  expect(showsEffect(effect, 'The old man', [{ ...row, enabled: false }], maximum)).toBe(false);
  expect(showsEffect(effect, 'The old man', [row, row], maximum)).toBe(false);
  expect(showsEffect(effect, 'The old man', [], maximum)).toBe(false);
  for (const text of ['The old man', 'The old woman']) {
    expect(showsEffect(pair, text, effectRows(pair, maximum), maximum)).toBe(true);
    expect(showsEffect(pair, text, [row], maximum)).toBe(false);
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
