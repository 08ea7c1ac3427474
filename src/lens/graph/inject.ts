import type { OnnxGraph } from './onnx';
import type { PartSpec } from './split';
import type { Activations } from './weights';

/** Where vectors enter the residual stream from outside: over the embedding, or behind a block (`at: L` is the site of
 *  layer L, which block L + 1 reads). */
export interface Injection {
  at: 'embedding' | number;
  /** Whether a vector replaces the row or is added to it. */
  mode: 'overwrite' | 'add';
}

/** Inputs of a part that injects. */
export const INJECT_MASK = 'inject_mask';
export const INJECT_ROWS = 'inject_rows';

/** Whether the place lies in this part. */
export function injectsHere({ at }: Injection, { from, to, embed }: PartSpec): boolean {
  return at === 'embedding' ? embed : at >= from && at <= to;
}

/** Adds the inputs `inject_mask` bool [B, S, 1] and `inject_rows` f32 [B, S, d]; either may have 1 for B and S. */
export function addInjectionInputs(graph: OnnxGraph, d: number): void {
  graph.input(INJECT_MASK, 'bool', ['mask_batch', 'mask_sequence', 1]);
  graph.input(INJECT_ROWS, 'float32', ['rows_batch', 'rows_sequence', d]);
}

/** Adds the tensor `name`: the stream, of type `activations`, with the rows injected where the mask is set. Elsewhere
 *  the stream keeps every bit. */
export function addInjection(
  graph: OnnxGraph,
  { mode }: Injection,
  stream: string,
  name: string,
  activations: Activations,
): string {
  const given = activations === 'float32' ? INJECT_ROWS : graph.cast(`${INJECT_ROWS}.inside`, INJECT_ROWS, activations);
  const rows = mode === 'add' ? graph.node(`${name}.added`, 'Add', [stream, given]) : given;
  return graph.node(name, 'Where', [INJECT_MASK, rows, stream]);
}
