import type { Qwen3Config } from '../artifacts/config';
import type { Weights } from '../artifacts/safetensors';
import { transpose } from '../artifacts/transpose';
import { addInjection, addInjectionInputs, type Injection, injectsHere } from './inject';
import { MICROSOFT, OnnxGraph } from './onnx';
import { rotaryTables } from './rope';
import type { PartSpec } from './split';

/** One part of the model, ready for `InferenceSession.create(model, { externalData: external })`. */
export interface PartGraph {
  model: Uint8Array;
  external: { path: string; data: Uint8Array }[];
  inputs: string[];
  outputs: string[];
  /** Blocks it holds; each has `past.{l}.key`, `past.{l}.value`, `present.{l}.key`, `present.{l}.value`. */
  layers: number[];
}

/** Qwen3's decoder blocks from..to as an ONNX graph (HF modeling_qwen3.py), float32.
 *
 *  Inputs: `input_ids` int32 [B, S] where the part embeds, else `h_in` f32 [B, S, d]; `seqlens_k` int32 [B], tokens of the row after this run - 1;
 *  `total_sequence_length` int32, a scalar ([]), tokens of the longest row after this run; `past.{l}.key`, `past.{l}.value` f32 [B, kvHeads, M, headDim].
 *  Outputs: `h_out` f32 [B, S, d], the residual stream behind block `to`; `present.{l}.key`, `present.{l}.value`.
 *
 *  A part that holds the place of `injection` has two inputs more (inject.ts); without one its bytes are the same as ever.
 *  A weight of another shape than the config asks for throws ShapeMismatchError. */
export function buildPart(config: Qwen3Config, spec: PartSpec, weights: Weights, injection?: Injection): PartGraph {
  const { from, to, embed } = spec;
  const inject = injection && injectsHere(injection, spec) ? injection : null;
  const { d, kvHeads, headDim } = config;
  const graph = new OnnxGraph(`blocks-${from}-${to}`);
  const layers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const stream = embed ? embedding(graph, config, weights) : graph.input('h_in', 'float32', ['batch', 'sequence', d]);
  graph.input('seqlens_k', 'int32', ['batch']);
  graph.input('total_sequence_length', 'int32', []);
  for (const l of layers) for (const kind of ['key', 'value']) graph.input(`past.${l}.${kind}`, 'float32', ['batch', kvHeads, 'past', headDim]);
  if (inject) addInjectionInputs(graph, d);
  graph.output('h_out', 'float32', ['batch', 'sequence', d]);
  for (const l of layers) for (const kind of ['key', 'value']) graph.output(`present.${l}.${kind}`, 'float32', ['batch', kvHeads, 'present', headDim]);
  const { cos, sin } = rotaryTables(config.contextLength, headDim, config.ropeTheta);
  graph.weight('rope.cos', cos, [config.contextLength, headDim / 2]);
  graph.weight('rope.sin', sin, [config.contextLength, headDim / 2]);
  graph.int64s('split_heads', [0, 0, -1, headDim]);
  graph.int64s('join_heads', [0, 0, -1]);
  const entry = inject?.at === 'embedding' ? addInjection(graph, inject, stream, 'embed.injected') : stream;
  addBlocks(graph, config, layers, entry, weights, inject);
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, layers };
}

/** Final norm and unembedding of chosen rows: `h_in` f32 [R, d] -> `logits` f32 [R, V]. */
export function buildHead(config: Qwen3Config, weights: Weights): PartGraph {
  const { d, vocabularySize } = config;
  const graph = new OnnxGraph('head');
  graph.input('h_in', 'float32', ['rows', d]);
  graph.output('logits', 'float32', ['rows', vocabularySize]);
  graph.weight('norm', weights.float32('model.norm.weight', [d]), [d]);
  const x = graph.node('final_norm', 'SimplifiedLayerNormalization', ['h_in', 'norm'], norm(config));
  const name = config.tied ? EMBEDDING : 'lm_head.weight';
  graph.weight(name, weights.float32(name, [vocabularySize, d]), [vocabularySize, d]);
  graph.node('logits', 'Gemm', [x, name], { transB: { int: 1 } });
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, layers: [] };
}

/** A linear head without bias on chosen rows, instead of final norm and unembedding: `h_in` f32 [R, d] -> `projected` = h_in W^T, f32 [R, d].
 *  `weight` is W as stored, [d, d]. */
export function buildLinearHead(d: number, weight: Float32Array): PartGraph {
  const graph = new OnnxGraph('linear-head');
  graph.input('h_in', 'float32', ['rows', d]);
  graph.output('projected', 'float32', ['rows', d]);
  graph.weight('weight', weight, [d, d]);
  graph.node('projected', 'Gemm', ['h_in', 'weight'], { transB: { int: 1 } });
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, layers: [] };
}

const EMBEDDING = 'model.embed_tokens.weight';

function embedding(graph: OnnxGraph, { vocabularySize, d }: Qwen3Config, weights: Weights): string {
  graph.input('input_ids', 'int32', ['batch', 'sequence']);
  graph.weight(EMBEDDING, weights.float32(EMBEDDING, [vocabularySize, d]), [vocabularySize, d]);
  return graph.node('embed', 'Gather', [EMBEDDING, 'input_ids'], { axis: { int: 0 } });
}

/** Every sum on the residual stream is the side output of the norm that reads it, but for the last one, which is `h_out`, and one that is injected into. */
function addBlocks(graph: OnnxGraph, config: Qwen3Config, layers: number[], entry: string, weights: Weights, inject: Injection | null): void {
  let residual = entry;
  let branch: string | null = null; // what the block below adds to `residual`
  for (const l of layers) {
    const gain = vector(graph, weights, `model.layers.${l}.input_layernorm.weight`, config.d);
    const read: { sum: string; x: string } =
      branch === null
        ? { sum: residual, x: graph.node(`block.${l}.norm`, 'SimplifiedLayerNormalization', [residual, gain], norm(config)) }
        : addAndNorm(graph, config, `block.${l}.norm`, `resid_post.${l - 1}`, residual, branch, gain);
    const attention = addAttention(graph, config, l, read.x, weights);
    const gain2 = vector(graph, weights, `model.layers.${l}.post_attention_layernorm.weight`, config.d);
    const mid = addAndNorm(graph, config, `block.${l}.mlp_norm`, `resid_mid.${l}`, read.sum, attention, gain2);
    residual = mid.sum;
    branch = addMlp(graph, config, l, mid.x, weights);
    if (inject?.at !== l) continue;
    const sum = graph.node(`block.${l}.sum`, 'Add', [residual, branch]);
    residual = addInjection(graph, inject, sum, l === layers.at(-1) ? 'h_out' : `resid_post.${l}`);
    branch = null;
  }
  if (branch !== null) graph.node('h_out', 'Add', [residual, branch]);
}

/** x = RMSNorm(residual + branch) and the sum itself. */
function addAndNorm(
  graph: OnnxGraph,
  config: Qwen3Config,
  name: string,
  sum: string,
  residual: string,
  branch: string,
  gain: string,
): { sum: string; x: string } {
  graph.nodeTo([name, '', '', sum], name, 'SkipSimplifiedLayerNormalization', [residual, branch, gain], { epsilon: { float: config.epsilon } }, MICROSOFT);
  return { sum, x: name };
}

function addAttention(graph: OnnxGraph, config: Qwen3Config, l: number, x: string, weights: Weights): string {
  const { d, heads, kvHeads, headDim } = config;
  const project = (kind: string, from: string, inputs: number, outputs: number) =>
    linear(graph, weights, `block.${l}.${kind}`, `model.layers.${l}.self_attn.${kind}_proj.weight`, from, inputs, outputs);
  const normed = (kind: string, flat: string) => {
    const gain = vector(graph, weights, `model.layers.${l}.self_attn.${kind}_norm.weight`, headDim);
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
function addMlp(graph: OnnxGraph, { d, intermediate }: Qwen3Config, l: number, x: string, weights: Weights): string {
  const project = (kind: string, from: string, inputs: number, outputs: number) =>
    linear(graph, weights, `block.${l}.${kind}`, `model.layers.${l}.mlp.${kind}_proj.weight`, from, inputs, outputs);
  const gate = project('gate', x, d, intermediate);
  const up = project('up', x, d, intermediate);
  const sigmoid = graph.node(`block.${l}.sigmoid`, 'Sigmoid', [gate]);
  const silu = graph.node(`block.${l}.silu`, 'Mul', [gate, sigmoid]);
  return project('down', graph.node(`block.${l}.gated`, 'Mul', [silu, up]), intermediate, d);
}

/** y = x W^T for a stored W [outputs, inputs]; the graph holds it as [inputs, outputs], which MatMul reads. */
function linear(graph: OnnxGraph, weights: Weights, name: string, weight: string, x: string, inputs: number, outputs: number): string {
  const stored = weights.float32(weight, [outputs, inputs]);
  graph.weight(weight, transpose(stored, outputs, inputs, new Float32Array(stored.length)), [inputs, outputs]);
  return graph.node(name, 'MatMul', [x, weight]);
}

function vector(graph: OnnxGraph, weights: Weights, name: string, length: number): string {
  return graph.weight(name, weights.float32(name, [length]), [length]);
}

function norm(config: Qwen3Config) {
  return { axis: { int: -1 }, epsilon: { float: config.epsilon } };
}
