import { MICROSOFT } from '../onnx';
import type { PartContext } from './part-context';

/** The gains of a norm, from the checkpoint's tensor `name`; `as`: by another name in the graph. */
export function addGains({ graph, weights }: PartContext, name: string, length: number, as = name): string {
  return weights.gains(graph, name, length, as);
}

/** RMSNorm(x) over the last dimension, times the gains. */
export function addNorm({ graph, config }: PartContext, name: string, x: string, gains: string): string {
  return graph.node(name, 'SimplifiedLayerNormalization', [x, gains], {
    axis: { int: -1 },
    epsilon: { float: config.epsilon },
  });
}

/** x = RMSNorm(residual + branch), and the sum itself under the name `sum`. */
export function addAndNorm(
  { graph, config }: PartContext,
  name: string,
  sum: string,
  residual: string,
  branch: string,
  gains: string,
): { sum: string; x: string } {
  graph.nodeTo(
    [name, '', '', sum],
    name,
    'SkipSimplifiedLayerNormalization',
    [residual, branch, gains],
    { epsilon: { float: config.epsilon } },
    MICROSOFT,
  );
  return { sum, x: name };
}
