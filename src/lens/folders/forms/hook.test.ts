import { expect, test } from 'vitest';
import { hookOfFolder, parseHook } from './hook';

test('the stream behind a block, in the names of TransformerLens and of Hugging Face', () => {
  for (const name of [
    'blocks.7.hook_resid_post',
    'blocks.7.hook_out',
    'model.layers.7',
    'layers.7',
    'model.layers.7.output',
    'model.language_model.layers.7',
    'transformer.h.7',
    'gpt_neox.layers.7',
  ])
    expect(parseHook(name)).toEqual({ layer: 7, number: 7 });
  expect(parseHook('blocks.7.hook_resid_pre')).toEqual({ layer: 6, number: 7 });
});

test('other places are refused, the embeddings by name', () => {
  expect(parseHook('blocks.0.hook_resid_pre')).toEqual({ refused: expect.stringContaining('embeddings') });
  for (const name of [
    'blocks.7.hook_mlp_out',
    'blocks.7.hook_resid_mid',
    'layers.7.mlp',
    'model.layers.7.self_attn.o_proj.input',
    'blocks.7.attn.hook_z',
    'hook_embed',
    'layers.x',
    'layers.7.1',
    '',
  ])
    expect(parseHook(name), name).toEqual({ refused: expect.stringContaining('behind a block') });
});

test('a folder may be named for its hook', () => {
  expect(hookOfFolder('sae/blocks.3.hook_resid_pre')).toEqual({ layer: 2, number: 3 });
  expect(hookOfFolder('runs/abc')).toBeNull();
  expect(hookOfFolder('')).toBeNull();
});
