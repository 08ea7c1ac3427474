import { addInjection, type Injection } from '../inject';
import { addAttention } from './attention';
import { addMlp } from './mlp';
import { addAndNorm, addGains, addNorm } from './norm';
import { outside, type PartContext } from './part-context';

/** Blocks, one behind the other, from the stream `entry` to the output `h_out`: h + attention(norm(h)), then h +
 *  mlp(norm(h)); in Gemma 3, each branch has a norm before it is added, too.
 *
 *  The norm that reads a sum on the residual stream also makes it, as its side output. Two sums have their own node:
 *  the last one, `h_out`, and one that is injected into. */
export function addPreNormBlocks(
  context: PartContext,
  layers: number[],
  entry: string,
  inject: Injection | null,
): void {
  const { graph, config, weights } = context;
  let residual = entry;
  let branch: string | null = null; // what the block below adds to `residual`
  for (const l of layers) {
    const gains = (name: string) => addGains(context, `model.layers.${l}.${name}.weight`, config.d);
    const before = gains('input_layernorm');
    const read: { sum: string; x: string } =
      branch === null
        ? { sum: residual, x: addNorm(context, `block.${l}.norm`, residual, before) }
        : addAndNorm(context, `block.${l}.norm`, `resid_post.${l - 1}`, residual, branch, before);
    const behind = (name: string, x: string) =>
      config.block.normsBehind ? addNorm(context, `${x}_normed`, x, gains(name)) : x;
    const attention = behind('post_attention_layernorm', addAttention(context, l, read.x));
    const between = gains(config.block.normsBehind ? 'pre_feedforward_layernorm' : 'post_attention_layernorm');
    const mid = addAndNorm(context, `block.${l}.mlp_norm`, `resid_mid.${l}`, read.sum, attention, between);
    residual = mid.sum;
    branch = behind('post_feedforward_layernorm', addMlp(context, l, mid.x));
    if (inject?.at !== l) continue;
    const sum = graph.node(`block.${l}.sum`, 'Add', [residual, branch]);
    const injected = (name: string) => addInjection(graph, inject, sum, name, weights.activations);
    if (l === layers.at(-1)) outside(context, 'h_out', injected);
    else residual = injected(`resid_post.${l}`);
    branch = null;
  }
  const last = branch;
  if (last !== null) outside(context, 'h_out', (name) => graph.node(name, 'Add', [residual, last]));
}
