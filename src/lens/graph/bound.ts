import type { DecoderConfig } from '../folders/config';
import type { Encoding } from '../folders/pieces';
import { float32ToFloat16 } from '../formats/halves';
import { BLOCK } from '../formats/quantise';
import { STREAM_SHAPE } from './decoder';
import { MICROSOFT, type OnnxGraph } from './onnx';
import { ropeNames } from './rope';
import { EMBEDDING, unembeddingName } from './tensors';
import { type Activations, type GraphWeights, gainsOf, type Linear } from './weights';

/** The facts that a graph needs about weights on the device. */
export interface BoundSource {
  /** Positions that the rotary tables have. */
  readonly contextLength: number;
  /** Encoding of a matrix. */
  encoding(name: string): Encoding;
  /** A norm's gains or a bias. Throws ShapeMismatchError. */
  vector(name: string, length: number): Float32Array;
}

/** Name of the input that has the scales of a quantised matrix. */
export const scalesOf = (name: string) => `${name}.scales`;

/** Numbers of an unembedding that are cast at once. */
const CAST_AT_ONCE = 1 << 25;

/** Binds matrices and rotary tables as inputs: no matrix enters ONNX Runtime's memory, and all parts read one copy.
 *  MatMulNBits (symmetric, without zero points; accuracy_level 0: activations are not quantised) and
 *  GatherBlockQuantized read the quantised matrices and share the tied embedding's buffers. Gemm reads float matrices
 *  as stored, [outputs, inputs]. If their type differs from the activations', the graph casts them: exact from float16
 *  to float32, at the price of a copy that lives for one matrix. Norms and biases are small and stay inside. One
 *  function, since its ways to write a matrix share the graph's inputs. */
export function weightsBound(
  config: DecoderConfig,
  source: BoundSource,
  activations: Activations,
  castAtOnce = CAST_AT_ONCE,
): GraphWeights {
  const { d, vocabularySize, headDim } = config;

  function vector(graph: OnnxGraph, name: string, numbers: Float32Array): string {
    return graph.weight(name, activations === 'float32' ? numbers : float32ToFloat16(numbers), [numbers.length]);
  }

  const biases = (graph: OnnxGraph, name: string, length: number) => vector(graph, name, source.vector(name, length));

  function packed(graph: OnnxGraph, name: string, bits: number, rows: number, columns: number): string {
    return graph.boundInput(name, 'uint8', [rows, columns / BLOCK, (BLOCK * bits) / 8]);
  }

  function quantised(graph: OnnxGraph, { name, weight, bias, x, inputs, outputs }: Linear, bits: number): string {
    const matrix = packed(graph, weight, bits, outputs, inputs);
    const scales = graph.boundInput(scalesOf(weight), activations, [(outputs * inputs) / BLOCK]);
    const attributes = {
      K: { int: inputs },
      N: { int: outputs },
      bits: { int: bits },
      block_size: { int: BLOCK },
      accuracy_level: { int: 0 },
    };
    const added = bias === null ? [] : ['', '', biases(graph, bias, outputs)];
    return graph.node(name, 'MatMulNBits', [x, matrix, scales, ...added], attributes, MICROSOFT);
  }

  function float(graph: OnnxGraph, weight: string, rows: number, columns: number): { name: string; type: Activations } {
    const type = source.encoding(weight) === 'f16' ? 'float16' : 'float32';
    return { name: graph.boundInput(weight, type, [rows, columns]), type };
  }

  /** [R, inputs] -> [R, outputs] by a float matrix, which is cast first if the types differ. */
  function gemm(
    graph: OnnxGraph,
    node: string,
    x: string,
    matrix: { name: string; type: Activations },
    bias: string | null,
  ): string {
    const own = matrix.type === activations ? matrix.name : graph.cast(`${node}.matrix`, matrix.name, activations);
    return graph.node(node, 'Gemm', bias === null ? [x, own] : [x, own, bias], { transB: { int: 1 } });
  }

  return {
    activations,
    flat: ['f16', 'f32'].includes(source.encoding('model.layers.0.self_attn.q_proj.weight')),
    gains: (graph, name, length, as = name) => vector(graph, as, gainsOf(config, source.vector(name, length))),
    embed(graph, ids) {
      const bits = bitsOf(source.encoding(EMBEDDING));
      if (bits === null) {
        const table = float(graph, EMBEDDING, vocabularySize, d);
        const rows = graph.node('embed.stored', 'Gather', [table.name, ids], { axis: { int: 0 } });
        return table.type === activations ? rows : graph.cast('embed', rows, activations);
      }
      const table = packed(graph, EMBEDDING, bits, vocabularySize, d);
      const scales = graph.boundInput(scalesOf(EMBEDDING), activations, [vocabularySize, d / BLOCK, 1]);
      const attributes = {
        gather_axis: { int: 0 },
        quantize_axis: { int: 2 },
        block_size: { int: BLOCK },
        bits: { int: bits },
      };
      const blocks = graph.node('embed.blocks', 'GatherBlockQuantized', [table, ids, scales], attributes, MICROSOFT);
      return graph.node('embed', 'Reshape', [blocks, graph.int64s('embed.shape', [0, 0, d])]);
    },
    linear(graph, linear) {
      const { name, weight, bias, x, inputs, outputs } = linear;
      const bits = bitsOf(source.encoding(weight));
      if (bits !== null) return quantised(graph, linear, bits);
      const rows = graph.node(`${name}.rows`, 'Flatten', [x], { axis: { int: 2 } });
      const added = bias === null ? null : biases(graph, bias, outputs);
      return graph.node(name, 'Reshape', [
        gemm(graph, `${name}.product`, rows, float(graph, weight, outputs, inputs), added),
        STREAM_SHAPE,
      ]);
    },
    unembed(graph, name, x) {
      const weight = unembeddingName(config);
      const bits = bitsOf(source.encoding(weight));
      if (bits !== null)
        return quantised(graph, { name, weight, bias: null, x, inputs: d, outputs: vocabularySize }, bits);
      const table = float(graph, weight, vocabularySize, d);
      if (table.type === activations || vocabularySize * d <= castAtOnce) return gemm(graph, name, x, table, null);
      // By far the largest matrix. If cast as a whole, it would often be the only one that does not fit.
      const step = Math.floor(castAtOnce / d);
      const axis = graph.int64s('unembed.axis', [0]);
      const slices: string[] = [];
      for (let from = 0; from < vocabularySize; from += step) {
        const at = `unembed.${from}`;
        const range = [
          graph.int64s(`${at}.from`, [from]),
          graph.int64s(`${at}.to`, [Math.min(from + step, vocabularySize)]),
        ];
        const slice = graph.node(at, 'Slice', [table.name, ...range, axis]);
        slices.push(gemm(graph, `${at}.logits`, x, { name: slice, type: table.type }, null));
      }
      return graph.node(name, 'Concat', slices, { axis: { int: 1 } });
    },
    rope(graph, kind) {
      for (const name of Object.values(ropeNames(kind)))
        graph.boundInput(name, activations, [source.contextLength, headDim / 2]);
    },
  };
}

/** Null: not quantised. */
function bitsOf(encoding: Encoding): 4 | 8 | null {
  if (encoding === 'q4') return 4;
  return encoding === 'q8' ? 8 : null;
}
