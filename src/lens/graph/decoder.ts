import type { DecoderConfig } from '../folders/config';
import { addInjection, addInjectionInputs, type Injection, injectsHere } from './inject';
import { type BoundInput, MICROSOFT, OnnxGraph } from './onnx';
import type { PartSpec } from './split';
import { FINAL_NORM } from './tensors';
import type { GraphWeights } from './weights';

/** One part of the model, ready for `InferenceSession.create(model, { externalData: external })`. */
export interface PartGraph {
  model: Uint8Array;
  external: { path: string; data: Uint8Array }[];
  inputs: string[];
  outputs: string[];
  /** Inputs that are fed from the device's own buffers at every run. */
  bound: BoundInput[];
  /** Blocks it holds; each has `past.{l}.key`, `past.{l}.value`, `present.{l}.key`, `present.{l}.value`. */
  layers: number[];
}

/** Input of a part with `flat` weights: int64 [3], this run's number of rows, its tokens a row, and -1. */
export const STREAM_SHAPE = 'stream_shape';

/** The decoder blocks from..to of Qwen3 or Qwen2 as an ONNX graph (HF modeling_qwen3.py, modeling_qwen2.py in
 *  https://github.com/huggingface/transformers/tree/main/src/transformers/models).
 *
 *  Inputs: `input_ids` int32 [B, S] where the part embeds, else `h_in` f32 [B, S, d]; `seqlens_k` int32 [B], tokens of
 *  the row after this run - 1; `total_sequence_length` int32, a scalar ([]), tokens of the longest row after this run;
 *  `past.{l}.key`, `past.{l}.value` [B, kvHeads, M, headDim]. Outputs: `h_out` f32 [B, S, d], the residual stream
 *  behind block `to`; `present.{l}.key`, `present.{l}.value`.
 *
 *  Inside the part and in the cache, numbers have the type of `weights.activations`; at the part's borders the stream
 *  is float32. A part that holds the place of `injection` has two more inputs (inject.ts). A part with bound weights
 *  has inputs for them (onnx.ts) and may have STREAM_SHAPE. With weights inside, the part's bytes never change
 *  (bytes.test.ts). Throws ShapeMismatchError for a weight whose shape differs from the config's. */
export function buildPart(
  config: DecoderConfig,
  spec: PartSpec,
  weights: GraphWeights,
  injection?: Injection,
): PartGraph {
  const { from, to, embed } = spec;
  const inject = injection && injectsHere(injection, spec) ? injection : null;
  const { d, kvHeads, headDim } = config;
  const { activations } = weights;
  const graph = new OnnxGraph(`blocks-${from}-${to}`);
  const layers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const stream = embed
    ? weights.embed(graph, graph.input('input_ids', 'int32', ['batch', 'sequence']))
    : inside(graph, weights, graph.input('h_in', 'float32', ['batch', 'sequence', d]));
  graph.input('seqlens_k', 'int32', ['batch']);
  graph.input('total_sequence_length', 'int32', []);
  for (const l of layers)
    for (const kind of ['key', 'value'])
      graph.input(`past.${l}.${kind}`, activations, ['batch', kvHeads, 'past', headDim]);
  if (inject) addInjectionInputs(graph, d);
  graph.output('h_out', 'float32', ['batch', 'sequence', d]);
  for (const l of layers)
    for (const kind of ['key', 'value'])
      graph.output(`present.${l}.${kind}`, activations, ['batch', kvHeads, 'present', headDim]);
  weights.rope(graph);
  if (config.qkNorm) {
    graph.int64s('split_heads', [0, 0, -1, headDim]);
    graph.int64s('join_heads', [0, 0, -1]);
  }
  if (weights.flat) graph.input(STREAM_SHAPE, 'int64', [3]);
  const entry =
    inject?.at === 'embedding' ? addInjection(graph, inject, stream, 'embed.injected', activations) : stream;
  addBlocks(graph, config, layers, entry, weights, inject);
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, bound: graph.bound, layers };
}

/** Final norm and unembedding of chosen rows: `h_in` f32 [R, d] -> `logits` f32 [R, V]. */
export function buildHead(config: DecoderConfig, weights: GraphWeights): PartGraph {
  const { d, vocabularySize } = config;
  const graph = new OnnxGraph('head');
  graph.input('h_in', 'float32', ['rows', d]);
  graph.output('logits', 'float32', ['rows', vocabularySize]);
  const gain = weights.vector(graph, FINAL_NORM, d, 'norm');
  const x = graph.node(
    'final_norm',
    'SimplifiedLayerNormalization',
    [inside(graph, weights, 'h_in'), gain],
    norm(config),
  );
  outside(graph, weights, 'logits', (name) => weights.unembed(graph, name, x));
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, bound: graph.bound, layers: [] };
}

/** A linear head without bias on chosen rows, instead of final norm and unembedding: `h_in` f32 [R, d] -> `projected` =
 *  h_in W^T, f32 [R, d]. `weight` is W as stored, [d, d]. */
export function buildLinearHead(d: number, weight: Float32Array): PartGraph {
  const graph = new OnnxGraph('linear-head');
  graph.input('h_in', 'float32', ['rows', d]);
  graph.output('projected', 'float32', ['rows', d]);
  graph.weight('weight', weight, [d, d]);
  graph.node('projected', 'Gemm', ['h_in', 'weight'], { transB: { int: 1 } });
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, bound: [], layers: [] };
}

/** Casts a float32 tensor from outside to the type of the activations. */
function inside(graph: OnnxGraph, { activations }: GraphWeights, x: string): string {
  return activations === 'float32' ? x : graph.cast(`${x}.inside`, x, activations);
}

/** Makes the float32 output `name`; `make` adds the node that computes it, under the name it is given. */
function outside(graph: OnnxGraph, { activations }: GraphWeights, name: string, make: (name: string) => void): void {
  if (activations === 'float32') {
    make(name);
    return;
  }
  make(`${name}.inside`);
  graph.cast(name, `${name}.inside`, 'float32');
}

/** The norm that reads a sum on the residual stream also makes it, as its side output. Two sums have their own node:
 *  the last one, `h_out`, and one that is injected into. */
function addBlocks(
  graph: OnnxGraph,
  config: DecoderConfig,
  layers: number[],
  entry: string,
  weights: GraphWeights,
  inject: Injection | null,
): void {
  let residual = entry;
  let branch: string | null = null; // what the block below adds to `residual`
  for (const l of layers) {
    const gain = weights.vector(graph, `model.layers.${l}.input_layernorm.weight`, config.d);
    const read: { sum: string; x: string } =
      branch === null
        ? {
            sum: residual,
            x: graph.node(`block.${l}.norm`, 'SimplifiedLayerNormalization', [residual, gain], norm(config)),
          }
        : addAndNorm(graph, config, `block.${l}.norm`, `resid_post.${l - 1}`, residual, branch, gain);
    const attention = addAttention(graph, config, l, read.x, weights);
    const gain2 = weights.vector(graph, `model.layers.${l}.post_attention_layernorm.weight`, config.d);
    const mid = addAndNorm(graph, config, `block.${l}.mlp_norm`, `resid_mid.${l}`, read.sum, attention, gain2);
    residual = mid.sum;
    branch = addMlp(graph, config, l, mid.x, weights);
    if (inject?.at !== l) continue;
    const sum = graph.node(`block.${l}.sum`, 'Add', [residual, branch]);
    const injected = (name: string) => addInjection(graph, inject, sum, name, weights.activations);
    if (l === layers.at(-1)) outside(graph, weights, 'h_out', injected);
    else residual = injected(`resid_post.${l}`);
    branch = null;
  }
  const last = branch;
  if (last !== null) outside(graph, weights, 'h_out', (name) => graph.node(name, 'Add', [residual, last]));
}

/** x = RMSNorm(residual + branch) and the sum itself. */
function addAndNorm(
  graph: OnnxGraph,
  config: DecoderConfig,
  name: string,
  sum: string,
  residual: string,
  branch: string,
  gain: string,
): { sum: string; x: string } {
  graph.nodeTo(
    [name, '', '', sum],
    name,
    'SkipSimplifiedLayerNormalization',
    [residual, branch, gain],
    { epsilon: { float: config.epsilon } },
    MICROSOFT,
  );
  return { sum, x: name };
}

function addAttention(graph: OnnxGraph, config: DecoderConfig, l: number, x: string, weights: GraphWeights): string {
  const { d, heads, kvHeads, headDim } = config;
  const project = (kind: string, from: string, inputs: number, outputs: number) => {
    const name = `model.layers.${l}.self_attn.${kind}_proj`;
    const bias = config.attentionBias && kind !== 'o' ? `${name}.bias` : null;
    return weights.linear(graph, {
      name: `block.${l}.${kind}`,
      weight: `${name}.weight`,
      bias,
      x: from,
      inputs,
      outputs,
    });
  };
  const normed = (kind: string, flat: string) => {
    if (!config.qkNorm) return flat;
    const gain = weights.vector(graph, `model.layers.${l}.self_attn.${kind}_norm.weight`, headDim);
    const split = graph.node(`block.${l}.${kind}_heads`, 'Reshape', [flat, 'split_heads']);
    const scaled = graph.node(`block.${l}.${kind}_norm`, 'SimplifiedLayerNormalization', [split, gain], norm(config));
    return graph.node(`block.${l}.${kind}_joined`, 'Reshape', [scaled, 'join_heads']);
  };
  const q = normed('q', project('q', x, d, heads * headDim));
  const k = normed('k', project('k', x, d, kvHeads * headDim));
  const v = project('v', x, d, kvHeads * headDim);
  const attended = `block.${l}.attention`;
  graph.nodeTo(
    [attended, `present.${l}.key`, `present.${l}.value`],
    attended,
    'GroupQueryAttention',
    [q, k, v, `past.${l}.key`, `past.${l}.value`, 'seqlens_k', 'total_sequence_length', 'rope.cos', 'rope.sin'],
    {
      num_heads: { int: heads },
      kv_num_heads: { int: kvHeads },
      scale: { float: 1 / Math.sqrt(headDim) },
      do_rotary: { int: 1 },
      rotary_interleaved: { int: 0 },
    },
    MICROSOFT,
  );
  return project('o', attended, heads * headDim, d);
}

/** SwiGLU: down(silu(gate x) * up x), silu(g) = g * sigmoid(g). */
function addMlp(
  graph: OnnxGraph,
  { d, intermediate }: DecoderConfig,
  l: number,
  x: string,
  weights: GraphWeights,
): string {
  const project = (kind: string, from: string, inputs: number, outputs: number) =>
    weights.linear(graph, {
      name: `block.${l}.${kind}`,
      weight: `model.layers.${l}.mlp.${kind}_proj.weight`,
      bias: null,
      x: from,
      inputs,
      outputs,
    });
  const gate = project('gate', x, d, intermediate);
  const up = project('up', x, d, intermediate);
  const sigmoid = graph.node(`block.${l}.sigmoid`, 'Sigmoid', [gate]);
  const silu = graph.node(`block.${l}.silu`, 'Mul', [gate, sigmoid]);
  return project('down', graph.node(`block.${l}.gated`, 'Mul', [silu, up]), intermediate, d);
}

function norm(config: DecoderConfig) {
  return { axis: { int: -1 }, epsilon: { float: config.epsilon } };
}
