import type { JsonObject } from '../../formats/json';
import type { Rope } from '../rope';

/** How the layers of one kind attend. */
export interface AttentionKind {
  rope: Rope;
  /** Positions that a token sees, its own among them; null: all up to its own. */
  window: number | null;
}

/** What makes a block. */
export interface BlockFacts {
  /** A norm behind each branch as well, before it is added to the stream. */
  normsBehind: boolean;
  /** A norm multiplies by 1 + w, w its tensor. */
  gainsLessOne: boolean;
  /** What the MLP's gate goes through; `gelu` in the form with tanh. */
  gate: 'silu' | 'gelu';
  /** Attention scores are divided by the root of this; null: of headDim. */
  scoreScale: number | null;
  /** Embeddings are multiplied by the root of d. */
  scaledEmbedding: boolean;
  /** Whether a half float can hold the residual stream of published models. */
  fitsHalves: boolean;
}

/** Llama, Qwen2 and Qwen3. */
export const PLAIN_BLOCK: BlockFacts = {
  normsBehind: false,
  gainsLessOne: false,
  gate: 'silu',
  scoreScale: null,
  scaledEmbedding: false,
  fitsHalves: true,
};

/** What differs from family to family, as the graph and the list of tensors need it. */
export interface FamilyFacts {
  /** An RMS norm of each head's queries and keys before they are rotated. */
  qkNorm: boolean;
  /** Queries, keys and values have biases. No other matrix has one. */
  attentionBias: boolean;
  /** The kinds of attention that the layers have, at least one. Each has its own rotary tables. */
  attention: readonly AttentionKind[];
  /** For each layer, its kind's place in `attention`; null: all layers are of the first kind. */
  layerKinds: readonly number[] | null;
  block: BlockFacts;
}

/** A family of models: the keys of its `config.json` that others do not have, or mean differently. One file each. */
export interface Family {
  /** The names that people know its models by, with commas between them. */
  name: string;
  /** "model_type". */
  type: string;
  /** The one entry of "architectures" that Lenslet builds. */
  architecture: string;
  /** Whether the unembedding is the embedding where `config.json` does not say. */
  tied: boolean;
  /** Throws UnsupportedModelError for a key that asks for another computation, CorruptFileError for one that makes no
   *  sense. */
  facts(config: JsonObject): FamilyFacts;
}
