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

/** A safetensors file of these tensors, one after the other. */
export function pack(tensors: Record<string, { dtype?: string; shape: number[]; data: Float32Array | Uint16Array }>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
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
