import { expect, it } from 'vitest';
import { parseQuery } from '../../state/search/query';
import { copyForms, rowFile } from './copy-forms';

const feature = { model: 'lenslet-mini', layers: 6, layer: 2, width: 2048, id: 1711, known: true };
const textOf = (id: string, of = feature) => copyForms(of).find((form) => form.id === id)!.text;

it('names a feature in every form', () => {
  expect(textOf('id')).toBe('2:1711');
  expect(textOf('neuronpedia')).toBe('lenslet-mini@2-res-2k:1711');
  expect(textOf('hook')).toBe('blocks.2.hook_resid_post');
  expect(textOf('hidden')).toBe('hidden_states[3]');
  expect(textOf('sdk')).toBe('lens.steer({ layer: 2, feature: 1711, weight: 1 })');
  // Without a stored maximum a weight counts nothing.
  expect(textOf('sdk', { ...feature, known: false })).toBe("{ layer: 2, feature: 1711, mode: 'add', strength: 1 }");
  expect(textOf('saelens')).toBe(
    'from sae_lens import SAE\nsae = SAE.load_from_disk("lenslet-mini/sae/blocks.2.hook_resid_post")\nrow = sae.W_dec[1711]',
  );
  expect(rowFile('lenslet-mini', 2, 1711)).toBe('lenslet-mini.2.1711.decoder.npy');
});

it('gives no hidden state for the last block: that one is after the final norm', () => {
  expect(textOf('hidden', { ...feature, layer: 4 })).toBe('hidden_states[5]');
  expect(textOf('hidden', { ...feature, layer: 5 })).toBe('model.model.layers[5]');
});

it('lets no folder name out of the Python string', () => {
  expect(textOf('saelens', { ...feature, model: 'a"); evil("' })).toContain('load_from_disk("a\\"); evil(\\"/sae/');
});

it('every name that is copied is found again by the search', () => {
  for (const form of ['id', 'neuronpedia']) expect(parseQuery(textOf(form))).toMatchObject({ layer: 2, id: 1711 });
  for (const form of ['hook', 'hidden']) expect(parseQuery(textOf(form))).toMatchObject({ layer: 2, id: null });
});
