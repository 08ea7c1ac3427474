/** Small files for the tests of this folder. */

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A safetensors file of a header (an object, or its text as is) and data. */
export function safetensors(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = json(header);
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file;
}

export type Packed = { dtype?: string; shape: number[]; data: Float32Array | Uint8Array | Uint16Array | Uint32Array };

/** A safetensors file of these tensors, one after the other. */
export function pack(tensors: Record<string, Packed>, metadata: Record<string, string> = { format: 'pt' }): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { dtype = 'F32', shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  }
  const body = new Uint8Array(at);
  let offset = 0;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.length;
  }
  return safetensors(header, body);
}

export const QWEN3 = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  hidden_size: 256,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 64,
  intermediate_size: 768,
  vocab_size: 8192,
  max_position_embeddings: 256,
  rope_theta: 10000,
  rms_norm_eps: 1e-6,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  attention_bias: false,
  eos_token_id: 8189,
};

/** Gemma 3 270M's file, as on the Hub. */
export const GEMMA3 = {
  _sliding_window_pattern: 6,
  architectures: ['Gemma3ForCausalLM'],
  attention_bias: false,
  attention_dropout: 0.0,
  attn_logit_softcapping: null,
  bos_token_id: 2,
  eos_token_id: 1,
  final_logit_softcapping: null,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  hidden_size: 640,
  initializer_range: 0.02,
  intermediate_size: 2048,
  layer_types: Array.from({ length: 18 }, (_, l) => (l % 6 === 5 ? 'full_attention' : 'sliding_attention')),
  max_position_embeddings: 32768,
  model_type: 'gemma3_text',
  num_attention_heads: 4,
  num_hidden_layers: 18,
  num_key_value_heads: 1,
  pad_token_id: 0,
  query_pre_attn_scalar: 256,
  rms_norm_eps: 1e-6,
  rope_local_base_freq: 10000.0,
  rope_scaling: null,
  rope_theta: 1000000.0,
  sliding_window: 512,
  torch_dtype: 'bfloat16',
  use_bidirectional_attention: false,
  use_cache: true,
  vocab_size: 262144,
};

/** Llama 3.2 1B's file, as transformers 4 wrote it. */
export const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  head_dim: 64,
  hidden_act: 'silu',
  hidden_size: 2048,
  initializer_range: 0.02,
  intermediate_size: 8192,
  max_position_embeddings: 131072,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 32.0,
    high_freq_factor: 4.0,
    low_freq_factor: 1.0,
    original_max_position_embeddings: 8192,
    rope_type: 'llama3',
  },
  rope_theta: 500000.0,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  use_cache: true,
  vocab_size: 128256,
};

/** Of a pair that reads layer 3 of a model 2 wide; the mean is [0.25, -0.5]. */
export const NLA_CONTROLS = {
  format: 'lenslet-nla-controls-1',
  layer: 3,
  variance: 0.75,
  mean: btoa('\0\0\u0080\u003e\0\0\0\u00bf'),
  generic: 'A text goes on.',
  texts: ['One.', 'Two.'],
  quality: {
    n: 500,
    own: { mean: 0.5, low: 0.45, high: 0.55 },
    shuffled: { mean: 0.1, low: 0.05, high: 0.15 },
    difference: { mean: 0.4, low: 0.35, high: 0.45 },
    beatsControl: true,
  },
};

export const NLA_META = `kind: nla_model
role: av
d_model: 2
extraction: {layer_index: 3, injection_scale: 90}
tokens: {injection_char: "㈎", injection_token_id: 7, injection_left_neighbor_id: 29, injection_right_neighbor_id: 30}
prompt_templates:
  av: "A vector: <concept>{injection_char}</concept>"
`;

export const SAE = {
  architecture: 'topk',
  d_in: 3,
  d_sae: 4,
  k: 2,
  dtype: 'float32',
  apply_b_dec_to_input: false,
  normalize_activations: 'none',
  hook_name: 'blocks.3.hook_resid_post',
  hook_layer: 3,
  metadata: { hook_name: 'blocks.3.hook_resid_post', model_name: 'lenslet-mini' },
};

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What `featureTensors` is of: the SAE above, beside one of width 3 at layer 1; vocabulary 20. */
export const FEATURES_OF = {
  layer: 3,
  width: 4,
  k: 2,
  vocabulary: 20,
  sha256: 'ab',
  model: 'cd',
  widths: new Map([[1, 3]]),
};

export const FEATURES_METADATA = {
  format: 'lenslet-features-1',
  layer: '3',
  width: '4',
  k: '2',
  tokens: '{"written": 100, "arithmetic": 10, "held_out": 50}',
  'label.rule': 'Chosen on one text, measured on another.',
  'nearest.layers': '[1]',
  weights_sha256: 'ab',
  model_sha256: 'cd',
};

/** The tensors of a features.safetensors: feature 0 has a label and three snippets, 1 a label of two characters and one
 *  snippet, 2 never fired, 3 is bare. */
export function featureTensors(): Record<string, Packed> {
  const floats = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
  const bytes = (...data: number[]) => ({ dtype: 'U8', shape: [data.length], data: Uint8Array.from(data) });
  const longs = (...data: number[]) => ({ dtype: 'U32', shape: [data.length], data: Uint32Array.from(data) });
  const shorts = (per: number, ...data: number[]) => ({
    dtype: 'U16',
    shape: [data.length / per, per],
    data: Uint16Array.from(data),
  });
  const table = (per: number, ...data: number[]) => ({
    shape: [data.length / per, per],
    data: Float32Array.from(data),
  });
  return {
    'density.written': floats(0.5, 0.25, 0, 0.125),
    'density.held_out': floats(0.25, 0.125, 0, 0.5),
    maximum: floats(10, 5.1, 0, 1),
    histogram: {
      dtype: 'U32',
      shape: [4, 32],
      data: Uint32Array.from({ length: 128 }, (_, i) => (i < 32 ? 32 - i : i % 32 === 31 ? 1 : 0)),
    },
    'promoted.ids': shorts(2, 1, 2, 3, 4, 5, 6, 7, 8),
    'promoted.logits': table(2, 2, 1, 2, 1, 2, 1, 2, 1),
    'suppressed.ids': shorts(2, 9, 10, 11, 12, 13, 14, 15, 16),
    'suppressed.logits': table(2, -2, -1, -2, -1, -2, -1, -2, -1),
    'similar.ids': shorts(2, 1, 3, 0, 3, 0, 1, 0, 1),
    'similar.cosine': table(2, 0.75, 0.5, 0.75, 0.25, 0, -0.5, 0.5, 0.25),
    'nearest.ids': shorts(1, 2, 1, 0, 2),
    'nearest.cosine': table(1, 0.5, 0.25, 0, 1),
    'label.begin': longs(0, 6, 12, 12, 12),
    'label.text': bytes(...new TextEncoder().encode('after 龘龘')),
    'label.precision': floats(0.75, 0.5, 0, 0),
    'label.recall': floats(0.5, 1, 0, 0),
    'snippet.first': longs(0, 3, 4, 4, 4),
    'snippet.begin': longs(0, 3, 5, 6, 8),
    'snippet.source': bytes(0, 1, 0, 0),
    'snippet.band': bytes(0, 0, 2, 0),
    'snippet.peak': bytes(1, 0, 0, 1),
    'snippet.tokens': { dtype: 'U16', shape: [8], data: Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    'snippet.values': bytes(0, 204, 51, 255, 0, 51, 0, 255),
  };
}

/** An effects.json with one effect. */
export const EFFECTS = {
  format: 'lenslet-effects-2',
  effects: [
    {
      name: 'verse',
      title: 'Turns prose to verse',
      shipped: true,
      range: 'natural',
      prompt: 'The old man',
      beside: {
        prompt: 'The old woman',
        tried: 'verses',
        baseline: { rate: 0.8, low: 0.7, high: 0.9, n: 50 },
        edited: { rate: 0.82, low: 0.7, high: 0.9, n: 50 },
      },
      chat: false,
      edits: [
        { layer: 3, feature: 2, mode: 'add', strength: 7.5, on: 'active', where: 'all' },
        { layer: 4, feature: 3, mode: 'clamp', strength: 0, on: 'everywhere', where: 'generated' },
      ],
      maxTokens: 40,
      tried: 'held-out prompts',
      outcome: 'turn to verse',
      rates: {
        baseline: { rate: 0.1, low: 0.05, high: 0.2, n: 100 },
        edited: { rate: 0.9, low: 0.8, high: 0.95, n: 100 },
        randomDirections: { rate: 0.12, low: 0.1, high: 0.2, n: 2000 },
        randomFeatures: { rate: 0.11, low: 0.1, high: 0.2, n: 2000 },
      },
      strongestChange: { rate: 0.26, of: 40 },
      strongestOther: {
        features: [
          { layer: 3, feature: 1 },
          { layer: 4, feature: 0 },
        ],
        rate: 0.2,
        of: 20,
      },
      claim: 'Verse after 90 of 100 prompts.',
    },
  ],
};
