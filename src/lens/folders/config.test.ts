import { describe, expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { json, QWEN3 } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openConfig, parseModelConfig } from './config';
import { PLAIN_BLOCK } from './families/family';

const parse = (changes: Record<string, unknown>) => parseModelConfig({ ...QWEN3, ...changes }, 'config.json');

describe('parseModelConfig', () => {
  test('reads what the graph needs', () => {
    expect(parse({})).toEqual({
      vocabularySize: 8192,
      d: 256,
      layers: 6,
      heads: 4,
      kvHeads: 2,
      headDim: 64,
      intermediate: 768,
      contextLength: 256,
      attention: [{ rope: { theta: 10000, scaling: null }, window: null }],
      layerKinds: null,
      block: PLAIN_BLOCK,
      epsilon: 1e-6,
      tied: true,
      qkNorm: true,
      attentionBias: false,
      eos: [8189],
    });
  });

  test('Qwen2 and Qwen2.5: biases instead of norms of queries and keys, heads of d / heads, a window that is not used', () => {
    // As Qwen2.5-0.5B's file has it.
    const qwen2 = {
      model_type: 'qwen2',
      architectures: ['Qwen2ForCausalLM'],
      head_dim: undefined,
      attention_bias: undefined,
    };
    const window = { use_sliding_window: false, sliding_window: 32768, max_window_layers: 24, use_mrope: false };
    expect(parse({ ...qwen2, ...window })).toMatchObject({
      qkNorm: false,
      attentionBias: true,
      headDim: 64,
      contextLength: 256,
      tied: true,
    });
    for (const [key, changes] of Object.entries({
      use_sliding_window: { use_sliding_window: true },
      use_mrope: { use_mrope: true },
      architectures: { architectures: ['Qwen3ForCausalLM'] },
      rope_scaling: { rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] } },
      dual_chunk_attention_config: { dual_chunk_attention_config: { chunk_size: 262144 } },
    })) {
      expect(() => parse({ ...qwen2, ...changes }), key).toThrow(UnsupportedModelError);
      expect(() => parse({ ...qwen2, ...changes })).toThrow(`config.json: "${key}"`);
    }
  });

  test('head_dim is its own number, or d / heads where there is none', () => {
    expect(parse({ head_dim: 128 }).headDim).toBe(128);
    expect(parse({ head_dim: undefined }).headDim).toBe(64);
    expect(() => parse({ head_dim: undefined, num_attention_heads: 6 })).toThrow(CorruptFileError);
    expect(() => parse({ head_dim: 40 })).toThrow(UnsupportedModelError);
  });

  test('embeddings are untied unless the file ties them, as in HF', () => {
    expect(parse({ tie_word_embeddings: undefined }).tied).toBe(false);
  });

  test('ends of text: one, several, none', () => {
    expect(parse({ eos_token_id: [1, 2, 1] }).eos).toEqual([1, 2]);
    expect(parse({ eos_token_id: null }).eos).toEqual([]);
    for (const eos of [8192, -1, 1.5, '1', [1, null]])
      expect(() => parse({ eos_token_id: eos })).toThrow(CorruptFileError);
  });

  test.each([
    ['model_type', { model_type: 'llama4' }],
    ['model_type', { model_type: undefined }],
    ['model_type', { model_type: 'qwen3_moe' }],
    ['model_type', { model_type: 'constructor' }],
    ['architectures', { architectures: ['Qwen3MoeForCausalLM'] }],
    ['architectures', { architectures: ['Qwen2ForCausalLM'] }],
    ['attention_bias', { attention_bias: true }],
    ['rope_scaling', { rope_scaling: { rope_type: 'yarn', factor: 4 } }],
    ['rope_scaling', { rope_scaling: { type: 'linear', factor: 4 } }],
    ['rope_parameters', { rope_parameters: { rope_type: 'yarn', rope_theta: 10000 } }],
    ['rope_parameters.partial_rotary_factor', { rope_parameters: { partial_rotary_factor: 0.5, rope_theta: 10000 } }],
    ['use_sliding_window', { use_sliding_window: true }],
    ['layer_types', { layer_types: ['full_attention', 'sliding_attention'] }],
    ['hidden_act', { hidden_act: 'gelu' }],
    ['quantization_config', { quantization_config: { quant_method: 'gptq' } }],
  ])('another model is refused with the key that says so: %s', (key, changes) => {
    expect(() => parse(changes)).toThrow(UnsupportedModelError);
    expect(() => parse(changes)).toThrow(`config.json: "${key}"`.replace('config.json: "model_type"', '"model_type"'));
  });

  test.each([
    'hidden_size',
    'num_hidden_layers',
    'num_attention_heads',
    'num_key_value_heads',
    'intermediate_size',
    'vocab_size',
    'max_position_embeddings',
    'rms_norm_eps',
    'rope_theta',
  ])('%s must be a sane number', (key) => {
    for (const value of [undefined, null, -1, 1e300, '6', [6], {}])
      expect(() => parse({ [key]: value }), String(value)).toThrow(CorruptFileError);
    expect(() => parse({ [key]: -1 })).toThrow(key);
  });

  test('a family that does not open is told those that do', () => {
    expect(() => parse({ model_type: 'llama4' })).toThrow(
      'config.json describes a "llama4" model. Lenslet opens dense models of these families: Qwen2, Qwen2.5, Qwen3, Llama, SmolLM2, Gemma 3 ("model_type": "qwen2", "qwen3", "llama", "gemma3_text").',
    );
  });

  test('counts are whole, and key heads divide heads', () => {
    expect(() => parse({ hidden_size: 256.5 })).toThrow(CorruptFileError);
    expect(() => parse({ num_key_value_heads: 3 })).toThrow(CorruptFileError);
    expect(() => parseModelConfig([], 'config.json')).toThrow(CorruptFileError);
  });
});

describe('openConfig', () => {
  test('generation_config.json decides the ends of text where it names any', async () => {
    const open = (generation: unknown) =>
      openConfig(
        memoryFolder('m', {
          'config.json': json(QWEN3),
          ...(generation ? { 'generation_config.json': json(generation) } : {}),
        }),
      );
    expect((await open(null)).eos).toEqual([8189]);
    expect((await open({ eos_token_id: [5, 6] })).eos).toEqual([5, 6]);
    expect((await open({ temperature: 0.6 })).eos).toEqual([8189]);
    await expect(open({ eos_token_id: 9000 })).rejects.toThrow(/generation_config\.json/);
  });
});
