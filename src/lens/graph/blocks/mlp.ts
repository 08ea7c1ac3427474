import type { PartContext } from './part-context';

/** SwiGLU of layer `l` on x [B, S, d] -> [B, S, d]: down(silu(gate x) * up x), silu(g) = g * sigmoid(g). */
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
  const sigmoid = graph.node(`block.${l}.sigmoid`, 'Sigmoid', [gate]);
  const silu = graph.node(`block.${l}.silu`, 'Mul', [gate, sigmoid]);
  return project('down', graph.node(`block.${l}.gated`, 'Mul', [silu, up]), intermediate, d);
}
