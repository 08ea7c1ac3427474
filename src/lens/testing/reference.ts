import type { DecoderConfig } from '../folders/config';
import { PLAIN_BLOCK } from '../folders/families/family';
import type { Rope } from '../folders/rope';
import { type Weights, weightsOf } from '../formats/safetensors';

/** The facts of attention of a model whose layers are all alike. */
export const attentionBy = (theta: number, scaling: Rope['scaling'] = null) => ({
  attention: [{ rope: { theta, scaling }, window: null }],
  layerKinds: null,
  block: PLAIN_BLOCK,
});

/** A model that a test can write out: two query heads on one of keys and values, three blocks. */
export const SMALL: DecoderConfig = {
  vocabularySize: 11,
  d: 6,
  layers: 3,
  heads: 2,
  kvHeads: 1,
  headDim: 16,
  intermediate: 10,
  contextLength: 8,
  ...attentionBy(10_000),
  epsilon: 1e-5,
  tied: true,
  qkNorm: true,
  attentionBias: false,
  eos: [],
};

/** The plain truth the graph is tested against: the forward pass of each family over one text, float64, written
 *  from HF's modeling_qwen3.py, modeling_qwen2.py, modeling_llama.py and modeling_gemma3.py. */

type Matrix = Float64Array[]; // one row a token

export interface Reference {
  /** Residual stream behind each block: [layers][tokens][d]. */
  residuals: Matrix[];
  /** [tokens][vocabulary]. */
  logits: Matrix;
}

export function referenceForward(config: DecoderConfig, weights: Weights, ids: number[]): Reference {
  const { d, heads, kvHeads, headDim, intermediate, vocabularySize } = config;
  const { block } = config;
  const load = (name: string, ...shape: number[]) => weights.float32(name, shape);
  const gains = (name: string, length: number) => load(name, length).map((w) => (block.gainsLessOne ? 1 + w : w));
  const scale = block.scaledEmbedding ? Math.sqrt(d) : 1;
  const embedding = load('model.embed_tokens.weight', vocabularySize, d);
  let h: Matrix = ids.map((id) => Float64Array.from(embedding.subarray(id * d, (id + 1) * d), (x) => x * scale));
  const residuals: Matrix[] = [];
  for (let l = 0; l < config.layers; l++) {
    const at = (name: string) => `model.layers.${l}.${name}.weight`;
    const norm = (rows: Matrix, name: string) => rows.map((row) => rmsNorm(row, gains(at(name), d), config.epsilon));
    const behind = (rows: Matrix, name: string) => (block.normsBehind ? norm(rows, name) : rows);
    const x = norm(h, 'input_layernorm');
    const project = (kind: string, outputs: number) => {
      const name = `self_attn.${kind}_proj`;
      const rows = linear(x, load(at(name), outputs, d));
      if (!config.attentionBias) return rows;
      const bias = load(`model.layers.${l}.${name}.bias`, outputs);
      return rows.map((row) => row.map((value, i) => value + bias[i]!));
    };
    const { rope, window } = config.attention[config.layerKinds?.[l] ?? 0]!;
    const split = (rows: Matrix, kind: string) => {
      const gain = config.qkNorm ? gains(at(`self_attn.${kind}_norm`), headDim) : null;
      return rows.map((row, position) =>
        eachHead(row, headDim, (head) => rotate(gain ? rmsNorm(head, gain, config.epsilon) : head, position, rope)),
      );
    };
    const q = split(project('q', heads * headDim), 'q');
    const k = split(project('k', kvHeads * headDim), 'k');
    const v = project('v', kvHeads * headDim);
    const attended = ids.map((_, t) => attend(q[t]!, k, v, t, config, window));
    const projected = linear(attended, load(at('self_attn.o_proj'), d, heads * headDim));
    const o = behind(projected, 'post_attention_layernorm');
    const mid = h.map((row, t) => row.map((value, i) => value + o[t]![i]!));
    const y = norm(mid, block.normsBehind ? 'pre_feedforward_layernorm' : 'post_attention_layernorm');
    const gate = linear(y, load(at('mlp.gate_proj'), intermediate, d));
    const up = linear(y, load(at('mlp.up_proj'), intermediate, d));
    const gated = gate.map((row, t) => row.map((g, i) => ACT[block.gate](g) * up[t]![i]!));
    const down = behind(linear(gated, load(at('mlp.down_proj'), d, intermediate)), 'post_feedforward_layernorm');
    h = mid.map((row, t) => row.map((value, i) => value + down[t]![i]!));
    residuals.push(h);
  }
  const final = h.map((row) => rmsNorm(row, gains('model.norm.weight', d), config.epsilon));
  const unembedding = config.tied ? embedding : load('lm_head.weight', vocabularySize, d);
  return { residuals, logits: linear(final, unembedding) };
}

const ACT = {
  silu: (g: number) => g / (1 + Math.exp(-g)),
  gelu: (g: number) => (g / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (g + 0.044715 * g ** 3))),
};

/** Weights of a given size, drawn from a seed: gains about 1, matrices of variance 1 / inputs, so that no activation
 *  dies or explodes. */
export function randomWeights(config: DecoderConfig, seed: number): Weights {
  const { d, heads, kvHeads, headDim, intermediate, vocabularySize } = config;
  const tensors: Parameters<typeof weightsOf>[0] = new Map();
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const put = (name: string, shape: number[], scale: number, offset: number, part = 'weight') => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => offset + scale * uniform());
    tensors.set(`${name}.${part}`, { dtype: 'F32', shape, bytes: new Uint8Array(data.buffer) });
  };
  const matrix = (name: string, outputs: number, inputs: number) =>
    put(name, [outputs, inputs], Math.sqrt(3 / inputs), 0);
  const gain = (name: string, length: number, about = 1) =>
    put(name, [length], 0.5, config.block.gainsLessOne ? about - 1 : about);
  put('model.embed_tokens', [vocabularySize, d], 1, 0);
  for (let l = 0; l < config.layers; l++) {
    const at = `model.layers.${l}`;
    gain(`${at}.input_layernorm`, d);
    matrix(`${at}.self_attn.q_proj`, heads * headDim, d);
    matrix(`${at}.self_attn.k_proj`, kvHeads * headDim, d);
    matrix(`${at}.self_attn.v_proj`, kvHeads * headDim, d);
    if (config.attentionBias) {
      put(`${at}.self_attn.q_proj`, [heads * headDim], 1, 0, 'bias');
      for (const kind of ['k', 'v']) put(`${at}.self_attn.${kind}_proj`, [kvHeads * headDim], 1, 0, 'bias');
    }
    if (config.qkNorm) for (const kind of ['q', 'k']) gain(`${at}.self_attn.${kind}_norm`, headDim, 1.5);
    matrix(`${at}.self_attn.o_proj`, d, heads * headDim);
    gain(`${at}.post_attention_layernorm`, d);
    if (config.block.normsBehind) for (const side of ['pre', 'post']) gain(`${at}.${side}_feedforward_layernorm`, d);
    matrix(`${at}.mlp.gate_proj`, intermediate, d);
    matrix(`${at}.mlp.up_proj`, intermediate, d);
    matrix(`${at}.mlp.down_proj`, d, intermediate);
  }
  gain('model.norm', d);
  if (!config.tied) matrix('lm_head', vocabularySize, d);
  return weightsOf(tensors, 'random weights');
}

function rmsNorm(x: Float64Array, gain: Float32Array, epsilon: number): Float64Array {
  const mean = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(mean + epsilon)) * gain[i]!);
}

/** x W^T for W [outputs, inputs]. */
function linear(x: Matrix, weight: Float32Array): Matrix {
  return x.map((row) => {
    const out = new Float64Array(weight.length / row.length);
    for (let o = 0; o < out.length; o++) {
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += row[i]! * weight[o * row.length + i]!;
      out[o] = sum;
    }
    return out;
  });
}

function eachHead(row: Float64Array, headDim: number, change: (head: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(row.length);
  for (let at = 0; at < row.length; at += headDim) out.set(change(row.slice(at, at + headDim)), at);
  return out;
}

/** RoPE by halves: (a, b) of dimensions i and i + D/2 turn by position * theta^(-2i / D), slower where it is scaled. */
function rotate(head: Float64Array, position: number, rope: Rope): Float64Array {
  const half = head.length / 2;
  return head.map((value, i) => {
    const angle = position * frequency(rope.theta ** (-(i % half) / half), rope);
    const other = i < half ? -head[i + half]! : head[i - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

/** All divided where the scaling is linear; HF's three cases of `llama3`, by wavelengths. */
function frequency(plain: number, { scaling }: Rope): number {
  if (!scaling) return plain;
  if (!('slow' in scaling)) return plain / scaling.factor;
  const { factor, slow, fast, originalContext } = scaling;
  const wavelength = (2 * Math.PI) / plain;
  if (wavelength < originalContext / fast) return plain;
  if (wavelength > originalContext / slow) return plain / factor;
  const smooth = (originalContext / wavelength - slow) / (fast - slow);
  return (1 - smooth) * (plain / factor) + smooth * plain;
}

/** Causal attention of one token, over the last `window` tokens or all, all heads; query head h reads key head floor(h / (heads / kvHeads)). */
function attend(
  q: Float64Array,
  k: Matrix,
  v: Matrix,
  t: number,
  { heads, kvHeads, headDim, block }: DecoderConfig,
  window: number | null,
): Float64Array {
  const out = new Float64Array(heads * headDim);
  const first = window === null ? 0 : Math.max(0, t + 1 - window);
  for (let head = 0; head < heads; head++) {
    const kv = Math.floor(head / (heads / kvHeads)) * headDim;
    const scores = new Float64Array(t + 1).fill(Number.NEGATIVE_INFINITY);
    for (let s = first; s <= t; s++) {
      let score = 0;
      for (let i = 0; i < headDim; i++) score += q[head * headDim + i]! * k[s]![kv + i]!;
      scores[s] = score / Math.sqrt(block.scoreScale ?? headDim);
    }
    const max = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - max));
    const total = weights.reduce((a, b) => a + b, 0);
    for (let s = 0; s <= t; s++)
      for (let i = 0; i < headDim; i++) out[head * headDim + i]! += (weights[s]! / total) * v[s]![kv + i]!;
  }
  return out;
}
