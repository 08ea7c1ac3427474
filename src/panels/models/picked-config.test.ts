import { expect, test } from 'vitest';
import { knownModel } from '../../state/model/catalogue';
import { pickedConfig } from './picked-config';

const config = {
  model_type: 'qwen3',
  hidden_act: 'silu',
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  num_hidden_layers: 28,
  hidden_size: 2048,
  intermediate_size: 6144,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 151_936,
  tie_word_embeddings: true,
  max_position_embeddings: 32_768,
};

const picked = (...files: [path: string, content: unknown][]) =>
  pickedConfig({
    name: 'picked',
    files: files.map(([path, content]) => ({
      path,
      file: new File([typeof content === 'string' ? content : JSON.stringify(content)], path),
    })),
  });

test('a folder’s outermost config.json states its model', async () => {
  const stated = await picked(['sae/config.json', {}], ['config.json', config]);
  expect(stated).toMatchObject(knownModel({ kind: 'hub', repo: 'Qwen/Qwen3-1.7B-Base' })!.shape);
  expect((await picked(['config.json', { ...config, head_dim: undefined }]))!.headDim).toBe(128);
});

test('what is no configuration of a model that is opened here states none', async () => {
  expect(await picked()).toBeNull();
  for (const bad of [
    null,
    'x',
    [],
    {},
    { ...config, hidden_size: '2048' },
    { ...config, vocab_size: 1e12 },
    { ...config, num_hidden_layers: -1 },
    { ...config, model_type: 'llama4' },
    JSON.stringify(config).padEnd(1_000_001),
  ])
    expect(await picked(['config.json', bad])).toBeNull();
});
