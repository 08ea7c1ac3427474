import type { DecoderConfig } from '../folders/config';
import { addAttentionTables } from './blocks/attention';
import { addGains, addNorm } from './blocks/norm';
import { inside, outside, type PartContext } from './blocks/part-context';
import { addPreNormBlocks } from './blocks/pre-norm';
import { addInjection, addInjectionInputs, type Injection, injectsHere } from './inject';
import { type BoundInput, OnnxGraph } from './onnx';
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

/** The decoder blocks from..to of a model as an ONNX graph (HF modeling_llama.py, modeling_qwen2.py, modeling_qwen3.py,
 *  modeling_gemma3.py in https://github.com/huggingface/transformers/tree/main/src/transformers/models).
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
  const context = { graph, config, weights };
  const stream = embed
    ? addEmbedding(context, graph.input('input_ids', 'int32', ['batch', 'sequence']))
    : inside(context, graph.input('h_in', 'float32', ['batch', 'sequence', d]));
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
  addAttentionTables(context, layers);
  if (weights.flat) graph.input(STREAM_SHAPE, 'int64', [3]);
  const entry =
    inject?.at === 'embedding' ? addInjection(graph, inject, stream, 'embed.injected', activations) : stream;
  addPreNormBlocks(context, layers, entry, inject);
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, bound: graph.bound, layers };
}

/** The stream that the first block reads. A scale is a float32, as in HF's code for models in float32: models in
 *  bfloat16 round it. */
function addEmbedding({ graph, config, weights }: PartContext, ids: string): string {
  const rows = weights.embed(graph, ids);
  if (!config.block.scaledEmbedding) return rows;
  const scale = graph.weight('embed.scale', Float32Array.of(Math.sqrt(config.d)), [1]);
  return graph.node('embed.scaled', 'Mul', [rows, scale]);
}

/** Final norm and unembedding of chosen rows: `h_in` f32 [R, d] -> `logits` f32 [R, V]. */
export function buildHead(config: DecoderConfig, weights: GraphWeights): PartGraph {
  const { d, vocabularySize } = config;
  const graph = new OnnxGraph('head');
  graph.input('h_in', 'float32', ['rows', d]);
  graph.output('logits', 'float32', ['rows', vocabularySize]);
  const context = { graph, config, weights };
  const gains = addGains(context, FINAL_NORM, d, 'norm');
  const x = addNorm(context, 'final_norm', inside(context, 'h_in'), gains);
  outside(context, 'logits', (name) => weights.unembed(graph, name, x));
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
