import { MICROSOFT } from '../onnx';
import { ropeNames } from '../rope';
import { addGains, addNorm } from './norm';
import { kindOf, type PartContext } from './part-context';

/** Names of the two constants that heads are split and joined by. */
const SPLIT = 'split_heads';
const JOIN = 'join_heads';

/** Adds what the attention of all these layers shares: the rotary tables of their kinds, and the shapes of heads. */
export function addAttentionTables({ graph, config, weights }: PartContext, layers: number[]): void {
  for (const kind of new Set(layers.map((l) => kindOf(config, l)))) weights.rope(graph, kind);
  if (!config.qkNorm) return;
  graph.int64s(SPLIT, [0, 0, -1, config.headDim]);
  graph.int64s(JOIN, [0, 0, -1]);
}

/** Grouped-query attention of layer `l` on x [B, S, d] -> [B, S, d], with the layer's cache. */
export function addAttention(context: PartContext, l: number, x: string): string {
  const { graph, config, weights } = context;
  const { d, heads, kvHeads, headDim } = config;
  const kind = kindOf(config, l);
  const { window } = config.attention[kind]!;
  const project = (part: string, from: string, inputs: number, outputs: number) => {
    const name = `model.layers.${l}.self_attn.${part}_proj`;
    const bias = config.attentionBias && part !== 'o' ? `${name}.bias` : null;
    return weights.linear(graph, {
      name: `block.${l}.${part}`,
      weight: `${name}.weight`,
      bias,
      x: from,
      inputs,
      outputs,
    });
  };
  const normed = (part: string, flat: string) => {
    if (!config.qkNorm) return flat;
    const gains = addGains(context, `model.layers.${l}.self_attn.${part}_norm.weight`, headDim);
    const split = graph.node(`block.${l}.${part}_heads`, 'Reshape', [flat, SPLIT]);
    const scaled = addNorm(context, `block.${l}.${part}_norm`, split, gains);
    return graph.node(`block.${l}.${part}_joined`, 'Reshape', [scaled, JOIN]);
  };
  const q = normed('q', project('q', x, d, heads * headDim));
  const k = normed('k', project('k', x, d, kvHeads * headDim));
  const v = project('v', x, d, kvHeads * headDim);
  const attended = `block.${l}.attention`;
  const { cos, sin } = ropeNames(kind);
  graph.nodeTo(
    [attended, `present.${l}.key`, `present.${l}.value`],
    attended,
    'GroupQueryAttention',
    [q, k, v, `past.${l}.key`, `past.${l}.value`, 'seqlens_k', 'total_sequence_length', cos, sin],
    {
      num_heads: { int: heads },
      kv_num_heads: { int: kvHeads },
      scale: { float: 1 / Math.sqrt(config.block.scoreScale ?? headDim) },
      do_rotary: { int: 1 },
      rotary_interleaved: { int: 0 },
      ...(window === null ? {} : { local_window_size: { int: window } }),
    },
    MICROSOFT,
  );
  return project('o', attended, heads * headDim, d);
}
