import { MICROSOFT } from '../onnx';
import type { PartContext } from './part-context';

/** The gated MLP of layer `l` on x [B, S, d] -> [B, S, d]: down(act(gate x) * up x). SiLU is g * sigmoid(g); GELU is in
 *  the form with tanh, which ONNX Runtime calls fast. */
export function addMlp({ graph, config, weights }: PartContext, l: number, x: string): string {
  const { d, intermediate } = config;
  const project = (part: string, from: string, inputs: number, outputs: number) =>
    weights.linear(graph, {
      name: `block.${l}.${part}`,
      weight: `model.layers.${l}.mlp.${part}_proj.weight`,
      bias: null,
      x: from,
      inputs,
      outputs,
    });
  const gate = project('gate', x, d, intermediate);
  const up = project('up', x, d, intermediate);
  const act = config.block.gate === 'gelu' ? gelu() : silu();
  return project('down', graph.node(`block.${l}.gated`, 'Mul', [act, up]), intermediate, d);

  function gelu(): string {
    return graph.node(`block.${l}.gelu`, 'FastGelu', [gate], {}, MICROSOFT);
  }
  function silu(): string {
    const sigmoid = graph.node(`block.${l}.sigmoid`, 'Sigmoid', [gate]);
    return graph.node(`block.${l}.silu`, 'Mul', [gate, sigmoid]);
  }
}
