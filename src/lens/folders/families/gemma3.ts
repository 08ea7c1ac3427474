import type { JsonObject } from '../../formats/json';
import { parseScaling, parseTheta, type Rope } from '../rope';
import type { AttentionKind, Family } from './family';
import { refuseSet, unsupported } from './refuse';

const LOCAL = 'sliding_attention';
const GLOBAL = 'full_attention';
/** One layer of so many is global where the file does not say. */
const PATTERN = 6;

/** Gemma 3's text models (HF modeling_gemma3.py): norms that multiply by 1 + w stand before each branch and behind it,
 *  queries and keys have norms, the gate is GELU, embeddings are scaled, and most layers see the last `sliding_window`
 *  tokens only, with rotary frequencies of their own. The residual stream of the published ones goes beyond what a half
 *  float holds. */
export const GEMMA3: Family = {
  name: 'Gemma 3',
  type: 'gemma3_text',
  architecture: 'Gemma3ForCausalLM',
  tied: true,
  facts(config: JsonObject) {
    refuseSet(
      config,
      'attention_bias',
      'use_bidirectional_attention',
      'attn_logit_softcapping',
      'final_logit_softcapping',
    );
    const gate = config.get('hidden_activation');
    if (gate !== 'gelu_pytorch_tanh') throw unsupported(config, 'hidden_activation', gate, '"gelu_pytorch_tanh"');
    // Without it, transformers takes 256 and not d / heads.
    config.integer('head_dim', 2, 1024);
    const scoreScale = config.number('query_pre_attn_scalar', 1e-3, 1e6);
    const words = layerWords(config);
    const kinds = [...new Set(words)];
    const window = words.includes(LOCAL) ? config.integer('sliding_window', 1, 1 << 24) : null;
    return {
      qkNorm: true,
      attentionBias: false,
      attention: kinds.map((word): AttentionKind => {
        const local = word === LOCAL;
        return { rope: ropeOf(config, local), window: local ? window : null };
      }),
      layerKinds: words.map((word) => kinds.indexOf(word)),
      block: {
        normsBehind: true,
        gainsLessOne: true,
        gate: 'gelu',
        scoreScale,
        scaledEmbedding: true,
        fitsHalves: false,
      },
    };
  },
};

/** LOCAL or GLOBAL for each layer. Older files say only that each so-manieth layer is global. */
function layerWords(config: JsonObject): string[] {
  const layers = config.integer('num_hidden_layers', 1, 512);
  if (config.get('layer_types') === undefined) {
    const key = 'sliding_window_pattern';
    const pattern = config.get(key) === undefined ? PATTERN : config.integer(key, 1, 512);
    return Array.from({ length: layers }, (_, l) => ((l + 1) % pattern === 0 ? GLOBAL : LOCAL));
  }
  const words = config.list('layer_types', layers);
  if (words.length !== layers) config.refuse('layer_types', `must have an entry for each of ${layers} layers`);
  const other = words.find((word) => word !== LOCAL && word !== GLOBAL);
  if (other !== undefined) throw unsupported(config, 'layer_types', other, `of "${LOCAL}" and "${GLOBAL}" only`);
  return words as string[];
}

/** The rotary facts of the local or of the global layers: in an object each, as transformers 5 writes them, or at the
 *  top level, where `rope_scaling` is of the global ones. */
function ropeOf(config: JsonObject, local: boolean): Rope {
  const nested = config.object('rope_parameters');
  if (nested) {
    const word = local ? LOCAL : GLOBAL;
    const rope = nested.object(word) ?? nested.refuse(word, 'must hold rotary facts');
    return { theta: parseTheta(rope, 'rope_theta'), scaling: scalingOf(config, 'rope_parameters', rope) };
  }
  if (local) return { theta: parseTheta(config, 'rope_local_base_freq'), scaling: null };
  const scaling = config.object('rope_scaling');
  return {
    theta: parseTheta(config, 'rope_theta'),
    scaling: scaling && scalingOf(config, 'rope_scaling', scaling),
  };
}

const scalingOf = (config: JsonObject, key: string, rope: JsonObject) =>
  parseScaling(config, key, rope, ['default', 'linear']);
