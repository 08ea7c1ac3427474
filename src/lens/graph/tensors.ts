import type { WeightFormat } from '../api/model';
import type { ModelShape } from '../folders/config';
import type { Encoding } from '../folders/pieces';

/** The tensors of a checkpoint that the graph reads, by Hugging Face's names. */

export const EMBEDDING = 'model.embed_tokens.weight';
export const FINAL_NORM = 'model.norm.weight';

/** The unembedding's tensor: the embedding itself where they are tied. */
export function unembeddingName({ tied }: Pick<ModelShape, 'tied'>): string {
  return tied ? EMBEDDING : 'lm_head.weight';
}

export interface TensorShape {
  name: string;
  /** [outputs, inputs] of a matrix, as stored; [n] of a norm's gains or a bias. */
  shape: [number, number] | [number];
  /** Whether it is the embedding or the unembedding. */
  vocabulary: boolean;
}

/** Every tensor that a model of this shape has, each once, in the order of the graph. Others in its files are
 *  not read. */
export function tensorsOf(config: ModelShape): TensorShape[] {
  const { d, vocabularySize, heads, kvHeads, headDim, intermediate, layers } = config;
  const list: TensorShape[] = [{ name: EMBEDDING, shape: [vocabularySize, d], vocabulary: true }];
  const put = (name: string, ...shape: [number, number] | [number]) => list.push({ name, shape, vocabulary: false });
  for (let l = 0; l < layers; l++) {
    const at = `model.layers.${l}`;
    put(`${at}.input_layernorm.weight`, d);
    for (const [kind, outputs] of [
      ['q', heads * headDim],
      ['k', kvHeads * headDim],
      ['v', kvHeads * headDim],
    ] as const) {
      put(`${at}.self_attn.${kind}_proj.weight`, outputs, d);
      if (config.attentionBias) put(`${at}.self_attn.${kind}_proj.bias`, outputs);
      if (config.qkNorm && kind !== 'v') put(`${at}.self_attn.${kind}_norm.weight`, headDim);
    }
    put(`${at}.self_attn.o_proj.weight`, d, heads * headDim);
    put(`${at}.post_attention_layernorm.weight`, d);
    if (config.block.normsBehind) put(`${at}.pre_feedforward_layernorm.weight`, d);
    put(`${at}.mlp.gate_proj.weight`, intermediate, d);
    put(`${at}.mlp.up_proj.weight`, intermediate, d);
    put(`${at}.mlp.down_proj.weight`, d, intermediate);
    if (config.block.normsBehind) put(`${at}.post_feedforward_layernorm.weight`, d);
  }
  put(FINAL_NORM, d);
  if (!config.tied) list.push({ name: unembeddingName(config), shape: [vocabularySize, d], vocabulary: true });
  return list;
}

/** How a format keeps a tensor. Vectors are float32; the embedding and the unembedding lose more than other matrices,
 *  and q4 keeps them as q8. */
export function encodingOf(
  format: WeightFormat,
  { shape, vocabulary }: { shape: readonly number[]; vocabulary: boolean },
): Encoding {
  if (shape.length === 1) return 'f32';
  return format === 'q4' && vocabulary ? 'q8' : format;
}
