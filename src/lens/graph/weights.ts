import type { DecoderConfig } from '../folders/config';
import type { Weights } from '../formats/safetensors';
import { transpose } from '../formats/transpose';
import type { OnnxGraph } from './onnx';
import { ropeNames, ropeTable } from './rope';
import { EMBEDDING, unembeddingName } from './tensors';

/** The type of the numbers inside a graph, between its borders. */
export type Activations = 'float32' | 'float16';

/** y = x W^T + b for a checkpoint's W [outputs, inputs]. */
export interface Linear {
  /** Name of the node that outputs y. */
  name: string;
  weight: string;
  /** The bias's name in the checkpoint; null: no bias. */
  bias: string | null;
  x: string;
  inputs: number;
  outputs: number;
}

/** The source of a graph's weights, and the way they enter it. Each call adds its tensor to the graph, so use a tensor
 *  only once a graph. */
export interface GraphWeights {
  readonly activations: Activations;
  /** Whether `linear` needs the input STREAM_SHAPE of the part. */
  readonly flat: boolean;
  /** Rows of the embedding, [B, S, d], for the input `ids`. */
  embed(graph: OnnxGraph, ids: string): string;
  /** Adds y for x [B, S, inputs]. */
  linear(graph: OnnxGraph, linear: Linear): string;
  /** [R, d] -> [R, V], the output of a node `name`. */
  unembed(graph: OnnxGraph, name: string, x: string): string;
  /** What a norm multiplies by, in the type of the activations; `as`: by another name in the graph. */
  gains(graph: OnnxGraph, name: string, length: number, as?: string): string;
  /** Adds the rotary tables of a kind of attention, by the names that rope.ts gives them. */
  rope(graph: OnnxGraph, kind: number): void;
}

/** What a norm multiplies by, from its tensor; 1 + w is a float32 sum, as HF computes it. */
export const gainsOf = ({ block }: Pick<DecoderConfig, 'block'>, stored: Float32Array): Float32Array =>
  block.gainsLessOne ? stored.map((w) => 1 + w) : stored;

/** What a graph with its weights inside is made of. */
export type InsideSource = Pick<Weights, 'float32'>;

/** The weights inside the graph, float32, each matrix transposed for MatMul. `weights` is asked for each tensor once a
 *  graph. */
export function weightsInside(config: DecoderConfig, weights: InsideSource): GraphWeights {
  const { d, vocabularySize, headDim, contextLength } = config;
  const table = (graph: OnnxGraph, name: string) =>
    graph.weight(name, weights.float32(name, [vocabularySize, d]), [vocabularySize, d]);
  return {
    activations: 'float32',
    flat: false,
    gains: (graph, name, length, as = name) =>
      graph.weight(as, gainsOf(config, weights.float32(name, [length])), [length]),
    embed: (graph, ids) => graph.node('embed', 'Gather', [table(graph, EMBEDDING), ids], { axis: { int: 0 } }),
    unembed: (graph, name, x) =>
      graph.node(name, 'Gemm', [x, table(graph, unembeddingName(config))], { transB: { int: 1 } }),
    linear(graph, { name, weight, bias, x, inputs, outputs }) {
      const stored = weights.float32(weight, [outputs, inputs]);
      graph.weight(weight, transpose(stored, outputs, inputs), [inputs, outputs]);
      if (bias === null) return graph.node(name, 'MatMul', [x, weight]);
      return graph.node(name, 'Add', [
        graph.node(`${name}.product`, 'MatMul', [x, weight]),
        graph.weight(bias, weights.float32(bias, [outputs]), [outputs]),
      ]);
    },
    rope(graph, kind) {
      for (const name of Object.values(ropeNames(kind)))
        graph.weight(name, ropeTable(config, contextLength, name), [contextLength, headDim / 2]);
    },
  };
}
