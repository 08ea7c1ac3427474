import { expect, it } from 'vitest';
import { UNSTATED } from '../../lens/api/site';
import { listed } from '../../lens/maths/figures';
import { type SearchSite, search } from '../../state/search/search';
import { denseSays } from '../features/facts';
import { foundSays, ordinal, scopeSays } from './search-words';

const site = (layer: number, width = 2048, k = 16): SearchSite => ({
  site: { layer, width, k, activation: 'topk', about: UNSTATED, density: null },
  labels: null,
});
const sites = [site(0), site(2), site(3)];
const says = (typed: string, top = 50) => foundSays(search(sites, typed, { here: 2, dense: false, top }), sites, 2);

it('says what can be searched', () => {
  expect(scopeSays(sites)).toBe('6,144 features at layers 0, 2 and 3: ids.');
  expect(scopeSays([site(7, 16)])).toBe('16 features at layer 7: ids.');
});

it('says how many were found, and why none', () => {
  expect(says('2:17')).toBe('1 found');
  expect(says('layer 2')).toBe('50 of 2,048');
  expect(says('5:17')).toBe('Layer 5 has no dictionary: features are at layers 0, 2 and 3.');
  expect(says('2:9999')).toBe('Features of layer 2 are 0 to 2,047.');
  expect(says('#9999')).toBe('No layer has a feature 9999: the widest ends at 2,047.');
  expect(says('king')).toMatch(/^No feature: no label/);
  expect(says('')).toBe('');
  const found = search(sites, 'king', { here: 2, dense: false });
  expect(foundSays({ ...found, hidden: 1 }, sites, 2)).toBe('Only dense features, which are hidden.');
});

it('states the density from which features are hidden, of each site where they differ', () => {
  expect(denseSays(sites.map(({ site: info }) => info))).toBe('over 10 % of tokens');
  expect(denseSays([site(1, 1000, 20).site, site(2).site])).toBe('over 20 % and 10 % of tokens at layers 1 and 2');
});

it('writes lists and ranks', () => {
  expect(listed([0, 2, 3])).toBe('0, 2 and 3');
  expect(listed([2])).toBe('2');
  expect([1, 2, 3, 4, 10, 11, 21].map(ordinal)).toEqual(['1st', '2nd', '3rd', '4th', '10th', '11th', '21st']);
});
