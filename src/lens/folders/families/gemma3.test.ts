import { describe, expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../../api/errors';
import { fittingTokens, kvBytes, parameterCount } from '../../sizes';
import { GEMMA3 } from '../../testing/fixtures';
import { parseModelConfig } from '../config';

const parse = (config: Record<string, unknown>) => parseModelConfig(config, 'config.json');
const local = { rope: { theta: 10_000, scaling: null }, window: 512 };
const global = { rope: { theta: 1_000_000, scaling: null }, window: null };

describe('Gemma 3', () => {
  test('270M: two kinds of layers, norms around the branches, scores by their own scale; tied without a word', () => {
    const read = parse(GEMMA3);
    expect(read).toEqual({
      vocabularySize: 262_144,
      d: 640,
      layers: 18,
      heads: 4,
      kvHeads: 1,
      headDim: 256,
      intermediate: 2048,
      contextLength: 32_768,
      epsilon: 1e-6,
      tied: true,
      qkNorm: true,
      attentionBias: false,
      attention: [local, global],
      layerKinds: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1],
      block: {
        normsBehind: true,
        gainsLessOne: true,
        gate: 'gelu',
        scoreScale: 256,
        scaledEmbedding: true,
        fitsHalves: false,
      },
      eos: [1],
    });
    expect(parameterCount(read)).toBe(268_098_176);
    expect([kvBytes(read, 1, 'float32') / 1024, fittingTokens(read, 'float32')]).toEqual([36, 27_520]);
  });

  test('1B: the layers from a pattern, several ends of text', () => {
    const { layer_types, ...rest } = GEMMA3;
    const changes = { hidden_size: 1152, intermediate_size: 6912, num_hidden_layers: 26, eos_token_id: [1, 106] };
    const read = parse({ ...rest, ...changes, sliding_window_pattern: 6 });
    expect(read.layerKinds!.flatMap((kind, l) => (kind === 1 ? [l] : []))).toEqual([5, 11, 17, 23]);
    expect(read.eos).toEqual([1, 106]);
    expect(parameterCount(read)).toBe(999_885_952);
    expect(parse({ ...rest, ...changes })).toEqual(read);
  });

  test('rotary facts as transformers 5 writes them; a linear scaling is the global layers’', () => {
    const { rope_theta, rope_local_base_freq, rope_scaling, ...rest } = GEMMA3;
    const full_attention = { rope_theta: 1e6, rope_type: 'linear', factor: 8 };
    const sliding_attention = { rope_theta: 1e4, rope_type: 'default' };
    const scaled = { ...global, rope: { theta: 1_000_000, scaling: { factor: 8 } } };
    expect(parse({ ...rest, rope_parameters: { full_attention, sliding_attention } }).attention).toEqual([
      local,
      scaled,
    ]);
    const older = { ...GEMMA3, rope_scaling: { rope_type: 'linear', factor: 8 } };
    expect(parse(older).attention).toEqual([local, scaled]);
    expect(() => parse({ ...rest, rope_parameters: { full_attention } })).toThrow(CorruptFileError);
    expect(() => parse({ ...rest, rope_local_base_freq })).toThrow(CorruptFileError);
  });

  test('kinds that no layer has are not there', () => {
    const layer_types = GEMMA3.layer_types.map(() => 'full_attention');
    const { sliding_window, ...rest } = GEMMA3;
    const read = parse({ ...rest, layer_types });
    expect([read.attention, new Set(read.layerKinds)]).toEqual([[global], new Set([0])]);
  });

  test.each([
    ['hidden_activation', { hidden_activation: 'gelu' }],
    ['attn_logit_softcapping', { attn_logit_softcapping: 50 }],
    ['final_logit_softcapping', { final_logit_softcapping: 30 }],
    ['use_bidirectional_attention', { use_bidirectional_attention: true }],
    ['attention_bias', { attention_bias: true }],
    ['layer_types', { layer_types: ['chunked_attention', ...GEMMA3.layer_types.slice(1)] }],
    ['rope_scaling', { rope_scaling: { rope_type: 'llama3', factor: 8 } }],
    ['architectures', { architectures: ['Gemma3ForConditionalGeneration'] }],
  ])('another computation is refused by the key that asks for it: %s', (key, changes) => {
    expect(() => parse({ ...GEMMA3, ...changes })).toThrow(UnsupportedModelError);
    expect(() => parse({ ...GEMMA3, ...changes })).toThrow(`config.json: "${key}"`);
  });

  test.each([
    ['head_dim', { head_dim: undefined }],
    ['query_pre_attn_scalar', { query_pre_attn_scalar: 0 }],
    ['sliding_window', { sliding_window: null }],
    ['sliding_window', { sliding_window: 1.5 }],
    ['layer_types', { layer_types: GEMMA3.layer_types.slice(1) }],
    ['layer_types', { layer_types: 'full_attention' }],
    ['sliding_window_pattern', { layer_types: null, sliding_window_pattern: 0 }],
    ['rope_scaling', { rope_scaling: 8 }],
  ])('a file that makes no sense is refused: %s', (key, changes) => {
    expect(() => parse({ ...GEMMA3, ...changes })).toThrow(CorruptFileError);
    expect(() => parse({ ...GEMMA3, ...changes })).toThrow(key);
  });
});
