import type { DecoderConfig } from '../../folders/config';
import type { OnnxGraph } from '../onnx';
import type { GraphWeights } from '../weights';

/** What every piece of a part is built with. */
export interface PartContext {
  graph: OnnxGraph;
  config: DecoderConfig;
  weights: GraphWeights;
}

/** The kind of attention that a layer has, as a place in `config.attention`. */
export const kindOf = ({ layerKinds }: Pick<DecoderConfig, 'layerKinds'>, layer: number): number =>
  layerKinds?.[layer] ?? 0;

/** Casts a float32 tensor from outside to the type of the activations. */
export function inside({ graph, weights }: PartContext, x: string): string {
  return weights.activations === 'float32' ? x : graph.cast(`${x}.inside`, x, weights.activations);
}

/** Makes the float32 output `name`; `make` adds the node that computes it, under the name it is given. */
export function outside({ graph, weights }: PartContext, name: string, make: (name: string) => void): void {
  if (weights.activations === 'float32') {
    make(name);
    return;
  }
  make(`${name}.inside`);
  graph.cast(name, `${name}.inside`, 'float32');
}
