import { expect, test } from 'vitest';
import { type SiteInfo, UNSTATED } from '../../lens/api/site';
import { dictionaryFacts } from './dictionary-facts';
import { cutSays } from './facts';

const site: SiteInfo = {
  layer: 2,
  width: 16384,
  k: 512,
  activation: 'threshold',
  about: UNSTATED,
  center: 'b_dec',
  normMedian: null,
  maximum: null,
  density: null,
  fvu: null,
  sha256: null,
  features: null,
};

test('a dictionary is described by what its files state, and by nothing that they do not', () => {
  const about = {
    library: 'SAELens',
    architecture: 'matryoshka_batchtopk',
    folder: 'sae/blocks.2.hook_resid_post',
    l0: 51.75,
    levels: [128, 16384],
  };
  expect(Object.fromEntries(dictionaryFacts({ ...site, about }))).toEqual({
    features: '16,384',
    active: 'all above their threshold',
    kept: 'the 512 strongest of a token, at most',
    'mean L0': '51.8',
    'error against': 'the bias b_dec: no mean is stored',
    'trained as': 'matryoshka_batchtopk',
    levels: '128 and 16,384 features, each within the next',
    'written by': 'SAELens',
    folder: 'sae/blocks.2.hook_resid_post',
  });
  expect(dictionaryFacts({ ...site, k: 50, activation: 'topk' })).toEqual([
    ['features', '16,384'],
    ['active', 'the 50 strongest of a token'],
    ['error against', 'the bias b_dec: no mean is stored'],
  ]);
  const fvu = { stated: 0.107, probe: 0.1234, far: false };
  expect(Object.fromEntries(dictionaryFacts({ ...site, center: 'mean', fvu }))).toMatchObject({
    FVU: '0.107 on held-out text; 0.123 here, on a short text',
    'error against': 'the mean of held-out text',
  });
  expect(Object.fromEntries(dictionaryFacts({ ...site, fvu: { ...fvu, probe: null } }))).toMatchObject({
    FVU: '0.107 on held-out text; not measured here',
  });
});

test('a list says where not all active features are kept', () => {
  expect(cutSays(null, true)).toBe('');
  expect(cutSays({ count: 1, active: 311, kept: 256 }, true)).toBe(', 256 kept');
  expect(cutSays({ count: 3, active: 311, kept: 256 }, false)).toBe(', on 3 tokens 256 kept');
});
