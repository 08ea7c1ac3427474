import { OnnxGraph } from '../src/lens/graph/onnx';
import type { PartGraph } from '../src/lens/graph/qwen3';

/** The stock ONNX graphs that our kernels are measured against: what one would write with ONNX Runtime's operators alone. */

export type TopkForm = 'flat' | 'two-level';

export interface StockShape {
  rows: number;
  width: number;
  k: number;
  /** Width of the residual that a Gemm encodes first; without it the graph begins at the pre-activations. */
  d?: number;
}

/** Blocks of the two-level form: k of each block first, then k of those. Each block fits TopK's one-dispatch case (2048 columns). */
export const BLOCKS = 16;

/**
 * Inputs: `x` [rows, width], of the two-level form [rows, BLOCKS, width / BLOCKS]; or `h` [rows, d], `w` [width, d] and `b` [width].
 * Outputs: `values` [rows, k] and `places` [rows, k]; of the two-level form `places` points into `inner` [rows, BLOCKS, k], the columns within blocks.
 * Turning the two into column numbers would cost the stock graph more nodes; it is spared them.
 */
export function stockGraph(form: TopkForm, { rows, width, k, d }: StockShape): PartGraph {
  const graph = new OnnxGraph(`stock-${form}`);
  const blocked = [rows, BLOCKS, width / BLOCKS];
  let x: string;
  if (d === undefined) x = graph.input('x', 'float32', form === 'flat' ? [rows, width] : blocked);
  else {
    const inputs = [graph.input('h', 'float32', [rows, d]), graph.input('w', 'float32', [width, d]), graph.input('b', 'float32', [width])];
    x = graph.node('p', 'Gemm', inputs, { transB: { int: 1 } });
    if (form === 'two-level') x = graph.node('blocks', 'Reshape', [x, graph.int64s('blocked', blocked)]);
  }
  graph.int64s('k', [k]);
  if (form === 'two-level') {
    graph.nodeTo(['block_values', 'inner'], 'topk_blocks', 'TopK', [x, 'k']);
    x = graph.node('candidates', 'Reshape', ['block_values', graph.int64s('joined', [rows, BLOCKS * k])]);
    graph.output('inner', 'int64', [rows, BLOCKS, k]);
  }
  graph.nodeTo(['values', 'places'], 'topk', 'TopK', [x, 'k']);
  graph.output('values', 'float32', [rows, k]);
  graph.output('places', 'int64', [rows, k]);
  return { ...graph.finish(), inputs: graph.inputs, outputs: graph.outputs, layers: [] };
}

/** Column numbers of a stock run, [rows, k], from its int64 outputs read as pairs of u32. */
export function stockIds({ rows, width, k }: StockShape, places: Uint32Array, inner: Uint32Array | null): Uint32Array {
  return Uint32Array.from({ length: rows * k }, (_, i) => {
    const place = places[2 * i]!;
    if (!inner) return place;
    const row = Math.floor(i / k);
    return Math.floor(place / k) * (width / BLOCKS) + inner[2 * (row * BLOCKS * k + place)]!;
  });
}
