import type { PartGraph } from '../src/lens/graph/decoder';
import { OnnxGraph } from '../src/lens/graph/onnx';

/** The stock ONNX graphs that our kernels are measured against: what one would write with ONNX Runtime's operators
 *  alone. */

export type TopkForm = 'flat' | 'two-level';

/** Ways to write p = h W + b. `Gemm transposed` reads W as an SAE's rows, [width, d]; the others read [d, width]. */
export const PROJECTIONS = ['Gemm transposed', 'Gemm', 'MatMul'] as const;
export type Projection = (typeof PROJECTIONS)[number];

export interface StockShape {
  rows: number;
  width: number;
  k: number;
}

/** The graph begins at a residual [rows, d] instead of at the pre-activations. */
export interface Encoding {
  d: number;
  by: Projection;
}

/** Blocks of the two-level form: k of each block first, then k of those. Each block fits TopK's one-dispatch case (2048
 *  columns). */
export const BLOCKS = 16;

const finish = (graph: OnnxGraph): PartGraph => ({
  ...graph.finish(),
  inputs: graph.inputs,
  outputs: graph.outputs,
  bound: [],
  layers: [],
});

function project(graph: OnnxGraph, name: string, { rows, width }: StockShape, { d, by }: Encoding): string {
  const h = graph.input('h', 'float32', [rows, d]);
  const w = graph.input('w', 'float32', by === 'Gemm transposed' ? [width, d] : [d, width]);
  const b = graph.input('b', 'float32', [width]);
  if (by === 'MatMul') return graph.node(name, 'Add', [graph.node('product', 'MatMul', [h, w]), b]);
  return graph.node(name, 'Gemm', [h, w, b], by === 'Gemm' ? {} : { transB: { int: 1 } });
}

/** The pre-activations alone. Inputs `h`, `w`, `b`; output `p` [rows, width]. */
export function projectionGraph(shape: StockShape, encoding: Encoding): PartGraph {
  const graph = new OnnxGraph('stock-projection');
  graph.output(project(graph, 'p', shape, encoding), 'float32', [shape.rows, shape.width]);
  return finish(graph);
}

/**
 * Inputs: `x` [rows, width], of the two-level form [rows, BLOCKS, width / BLOCKS]; or with `encoding` `h`, `w` and `b`.
 * Outputs: `values` [rows, k] and `places` [rows, k]; of the two-level form `places` points into `inner` [rows, BLOCKS,
 * k], the columns within blocks. Turning the two into column numbers would cost the stock graph more nodes; it is
 * spared them.
 */
export function stockGraph(form: TopkForm, shape: StockShape, encoding: Encoding | null): PartGraph {
  const { rows, width, k } = shape;
  const graph = new OnnxGraph(`stock-${form}`);
  const blocked = [rows, BLOCKS, width / BLOCKS];
  let x: string;
  if (!encoding) x = graph.input('x', 'float32', form === 'flat' ? [rows, width] : blocked);
  else {
    x = project(graph, 'p', shape, encoding);
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
  return finish(graph);
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
