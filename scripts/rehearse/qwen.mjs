/** What Qwen3-1.7B-Base and its Qwen-Scope dictionary consist of: configuration, tensors and their shapes, and the same
 *  at a size for tests. */

/** `config.json` of Qwen/Qwen3-1.7B-Base. */
const CONFIG = {
  architectures: ['Qwen3ForCausalLM'],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 151643,
  eos_token_id: 151643,
  head_dim: 128,
  hidden_act: 'silu',
  hidden_size: 2048,
  initializer_range: 0.02,
  intermediate_size: 6144,
  max_position_embeddings: 32768,
  max_window_layers: 28,
  model_type: 'qwen3',
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1000000,
  sliding_window: null,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  transformers_version: '4.51.0',
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 151936,
};

const SMALL = {
  head_dim: 64,
  hidden_size: 256,
  intermediate_size: 768,
  max_window_layers: 2,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
};

/** The names are the repositories' own in either size, so that nothing but the sizes differs. */
export const MODEL = 'Qwen/Qwen3-1.7B-Base';
export const DICTIONARY = 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50';
export const K = 50;

/** `small` is for rehearsing, with the true vocabulary; `tiny` for tests of the files, with lenslet-mini's. */
export const SIZES = {
  full: { config: CONFIG, tokenizer: /** @type {const} */ ('qwen3'), layer: 10, width: 32_768 },
  small: { config: { ...CONFIG, ...SMALL }, tokenizer: /** @type {const} */ ('qwen3'), layer: 1, width: 2048 },
  tiny: {
    config: { ...CONFIG, ...SMALL, vocab_size: 8448, bos_token_id: 8168, eos_token_id: 8168 },
    tokenizer: /** @type {const} */ ('mini'),
    layer: 1,
    width: 2048,
  },
};

/** @typedef {typeof CONFIG} Config
 *  @typedef {{ name: string, shape: number[] }} Tensor */

export const generationOf = (/** @type {Config} */ { bos_token_id, eos_token_id }) => ({
  bos_token_id,
  do_sample: false,
  eos_token_id,
  max_new_tokens: 2048,
  transformers_version: '4.37.0',
});

/** Name and shape of every tensor, in the order in which safetensors writes them: by name.
 *  @returns {Tensor[]} */
export function tensorsOf(/** @type {Config} */ config) {
  const {
    hidden_size: d,
    intermediate_size: inner,
    head_dim: head,
    num_attention_heads,
    num_key_value_heads,
    num_hidden_layers,
    vocab_size,
  } = config;
  const [queries, keys] = [num_attention_heads * head, num_key_value_heads * head];
  const block = {
    'input_layernorm.weight': [d],
    'mlp.down_proj.weight': [d, inner],
    'mlp.gate_proj.weight': [inner, d],
    'mlp.up_proj.weight': [inner, d],
    'post_attention_layernorm.weight': [d],
    'self_attn.k_norm.weight': [head],
    'self_attn.k_proj.weight': [keys, d],
    'self_attn.o_proj.weight': [d, queries],
    'self_attn.q_norm.weight': [head],
    'self_attn.q_proj.weight': [queries, d],
    'self_attn.v_proj.weight': [keys, d],
  };
  /** @type {[string, number[]][]} */
  const tensors = [
    ['model.embed_tokens.weight', [vocab_size, d]],
    ['model.norm.weight', [d]],
  ];
  for (let layer = 0; layer < num_hidden_layers; layer++)
    for (const [name, shape] of Object.entries(block)) tensors.push([`model.layers.${layer}.${name}`, shape]);
  return tensors.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, shape]) => ({ name, shape }));
}

/** Standard deviation of a matrix' numbers: 0.02, and what adds to the residual stream smaller by the root of how often
 *  that is done. */
export function deviationOf(
  /** @type {string} */ name,
  /** @type {Config} */ { initializer_range, num_hidden_layers },
) {
  return /\.(o_proj|down_proj)\.weight$/.test(name)
    ? initializer_range / Math.sqrt(2 * num_hidden_layers)
    : initializer_range;
}

/** Norm of the residual at a sink, as Qwen3-1.7B-Base has it at a text's first token. */
const SINK = 12_000;

/**
 * Numbers that stand out of the noise, as in trained Qwen models: a token at which an early block writes `SINK` into
 * four channels, and three channels that the first two blocks fill fifty times as full as the others. `values` replace
 * the tensor's numbers from `at` on; `factor` multiplies a row. The token's embedding holds one channel that outweighs
 * all others, so that its norm comes out as sqrt(d) there, and one neuron of the block makes d of it.
 *
 * @typedef {{ at: number, values: number[] } | { row: number, factor: number, values?: undefined }} Numbers
 * @typedef {Numbers & { tensor: string }} Plant
 * @returns {Plant[]}
 */
export function plantsOf(/** @type {Config} */ config, /** @type {number} */ token) {
  const { hidden_size: d, intermediate_size: inner, num_hidden_layers } = config;
  const layer = Math.min(2, num_hidden_layers - 2);
  const [marker, neuron] = [d / 8 + 5, inner / 4 + 7];
  const sinks = [3, d / 4 + 1, d / 2 + 2, d - 9];
  const at = (/** @type {string} */ name) => `model.layers.${layer}.mlp.${name}.weight`;
  /** @type {Plant[]} */
  const plants = [
    { tensor: 'model.embed_tokens.weight', at: token * d + marker, values: [64] },
    { tensor: at('gate_proj'), at: neuron * d + marker, values: [1] },
    { tensor: at('up_proj'), at: neuron * d + marker, values: [1] },
    ...sinks.map((channel) => ({
      tensor: at('down_proj'),
      at: channel * inner + neuron,
      values: [SINK / Math.sqrt(sinks.length) / d],
    })),
  ];
  for (const channel of [d / 8 - 1, d / 2 + 11, d - 40]) {
    for (const block of [0, 1]) {
      plants.push({ tensor: `model.layers.${block}.mlp.down_proj.weight`, row: channel, factor: 50 });
      plants.push({ tensor: `model.layers.${block}.self_attn.o_proj.weight`, row: channel, factor: 50 });
    }
  }
  return plants;
}
