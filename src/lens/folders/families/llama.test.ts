import { describe, expect, test } from 'vitest';
import { UnsupportedModelError } from '../../api/errors';
import { LLAMA } from '../../testing/fixtures';
import { parseModelConfig } from '../config';
import { PLAIN_BLOCK } from './family';

/** SmolLM2-135M-Instruct's file. */
const SMOL = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 1,
  eos_token_id: 2,
  hidden_act: 'silu',
  hidden_size: 576,
  initializer_range: 0.041666666666666664,
  intermediate_size: 1536,
  is_llama_config: true,
  max_position_embeddings: 8192,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  pad_token_id: 2,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_interleaved: false,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  'transformers.js_config': { kv_cache_dtype: { q4f16: 'float16', fp16: 'float16' } },
  use_cache: true,
  vocab_size: 49152,
};

const parse = (config: Record<string, unknown>) => parseModelConfig(config, 'config.json');

describe('Llama', () => {
  test('Llama 3.2: no biases, no norms of heads, scaled frequencies, three ends of text', () => {
    expect(parse(LLAMA)).toEqual({
      vocabularySize: 128_256,
      d: 2048,
      layers: 16,
      heads: 32,
      kvHeads: 8,
      headDim: 64,
      intermediate: 8192,
      contextLength: 131_072,
      epsilon: 1e-5,
      tied: true,
      qkNorm: false,
      attentionBias: false,
      attention: [
        { rope: { theta: 500_000, scaling: { factor: 32, slow: 1, fast: 4, originalContext: 8192 } }, window: null },
      ],
      layerKinds: null,
      block: PLAIN_BLOCK,
      eos: [128_001, 128_008, 128_009],
    });
  });

  test('SmolLM2: heads of d / heads, frequencies as they are; the same from transformers 5', () => {
    const read = parse(SMOL);
    expect(read).toMatchObject({ d: 576, layers: 30, heads: 9, kvHeads: 3, headDim: 64, tied: true, eos: [2] });
    expect(read.attention).toEqual([{ rope: { theta: 100_000, scaling: null }, window: null }]);
    const { rope_theta, rope_scaling, torch_dtype, ...rest } = SMOL;
    const rope_parameters = { rope_theta, rope_type: 'default' };
    expect(parse({ ...rest, dtype: torch_dtype, head_dim: 64, rope_parameters })).toEqual(read);
  });

  test.each([
    ['attention_bias', { attention_bias: true }],
    ['mlp_bias', { mlp_bias: true }],
    ['rope_interleaved', { rope_interleaved: true }],
    ['hidden_act', { hidden_act: 'gelu' }],
    ['architectures', { architectures: ['LlamaForSequenceClassification'] }],
    ['rope_scaling', { rope_scaling: { rope_type: 'yarn', factor: 4 } }],
    ['quantization_config', { quantization_config: { quant_method: 'awq' } }],
  ])('another computation is refused by the key that asks for it: %s', (key, changes) => {
    for (const config of [LLAMA, SMOL]) {
      expect(() => parse({ ...config, ...changes })).toThrow(UnsupportedModelError);
      expect(() => parse({ ...config, ...changes })).toThrow(`config.json: "${key}"`);
    }
  });
});
