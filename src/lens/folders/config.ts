import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { JsonObject, parseJson, shown } from '../formats/json';
import type { Source } from '../sources/source';

/** The checked facts that the graph needs of a dense decoder checkpoint. */
export interface DecoderConfig {
  vocabularySize: number;
  /** Width of the residual stream. */
  d: number;
  layers: number;
  heads: number;
  kvHeads: number;
  /** Need not be d / heads. */
  headDim: number;
  intermediate: number;
  contextLength: number;
  ropeTheta: number;
  /** Epsilon of every RMS norm. */
  epsilon: number;
  /** The unembedding is the embedding. */
  tied: boolean;
  /** An RMS norm of each head's queries and keys before they are rotated: Qwen3. */
  qkNorm: boolean;
  /** Queries, keys and values have biases: Qwen2 and Qwen2.5. No other matrix has one. */
  attentionBias: boolean;
  /** Ids that end a text; may be empty. */
  eos: number[];
}

/** The facts that determine a model's tensors and their shapes. */
export type ModelShape = Omit<DecoderConfig, 'contextLength' | 'ropeTheta' | 'epsilon' | 'eos'>;

/** Checks an HF `config.json`. Throws UnsupportedModelError if it describes another kind of model, CorruptFileError if
 *  it describes no model. */
export function parseModelConfig(json: unknown, file: string): DecoderConfig {
  const config = new JsonObject(json, file);
  const family = familyOf(config);
  refuseOtherModels(config, family);
  const d = config.integer('hidden_size', 1, 1 << 16);
  const heads = config.integer('num_attention_heads', 1, 1024);
  const kvHeads = config.integer('num_key_value_heads', 1, 1024);
  if (heads % kvHeads !== 0) config.refuse('num_key_value_heads', `must divide num_attention_heads (${heads})`);
  if (config.get('head_dim') === undefined && d % heads !== 0)
    config.refuse('head_dim', `must be given where num_attention_heads (${heads}) does not divide hidden_size (${d})`);
  const headDim = config.get('head_dim') === undefined ? d / heads : config.integer('head_dim', 2, 1024);
  // ONNX Runtime's attention rotates in groups of 16.
  if (headDim % 16 !== 0) throw unsupported(file, 'head_dim', headDim, 'a multiple of 16');
  const vocabularySize = config.integer('vocab_size', 1, 1 << 22);
  return {
    vocabularySize,
    d,
    layers: config.integer('num_hidden_layers', 1, 512),
    heads,
    kvHeads,
    headDim,
    intermediate: config.integer('intermediate_size', 1, 1 << 20),
    contextLength: config.integer('max_position_embeddings', 1, 1 << 24),
    ropeTheta: parseRopeTheta(config),
    epsilon: config.number('rms_norm_eps', 0, 1),
    tied: config.boolean('tie_word_embeddings', false),
    qkNorm: family.qkNorm,
    attentionBias: !family.qkNorm,
    eos: parseEos(config, vocabularySize) ?? [],
  };
}

/** Reads `config.json` of a model folder. If `generation_config.json` has end-of-text ids, they take precedence, as in
 *  HF. */
export async function openConfig(folder: Source, options: { signal?: AbortSignal } = {}): Promise<DecoderConfig> {
  const config = parseModelConfig(parseJson(await folder.read('config.json', options), 'config.json'), 'config.json');
  const file = 'generation_config.json';
  const generation = await folder.tryRead(file, options);
  if (!generation) return config;
  return {
    ...config,
    eos: parseEos(new JsonObject(parseJson(generation, file), file), config.vocabularySize) ?? config.eos,
  };
}

interface Family {
  architecture: string;
  qkNorm: boolean;
}

/** Families of models, by `model_type`. */
const FAMILIES: Readonly<Record<string, Family>> = {
  qwen3: { architecture: 'Qwen3ForCausalLM', qkNorm: true },
  qwen2: { architecture: 'Qwen2ForCausalLM', qkNorm: false },
};

function familyOf(config: JsonObject): Family {
  const { file } = config;
  const type = config.get('model_type');
  if (typeof type === 'string' && Object.hasOwn(FAMILIES, type)) return FAMILIES[type]!;
  throw new UnsupportedModelError(
    `${file} describes a ${shown(type)} model. Lenslet opens dense Qwen models ("model_type": "qwen3" or "qwen2").`,
    {
      file,
      key: 'model_type',
    },
  );
}

function refuseOtherModels(config: JsonObject, { architecture, qkNorm }: Family): void {
  const { file } = config;
  const architectures = config.get('architectures');
  if (architectures !== undefined && !(Array.isArray(architectures) && architectures.includes(architecture))) {
    throw unsupported(file, 'architectures', architectures, JSON.stringify([architecture]));
  }
  // Qwen2 always has biases, and no key for them.
  if (qkNorm && config.boolean('attention_bias', false)) throw unsupported(file, 'attention_bias', true, 'false');
  for (const key of ['use_mrope', 'dual_chunk_attention_config'])
    if (config.get(key) !== undefined && config.get(key) !== false)
      throw unsupported(file, key, config.get(key), 'absent');
  if (config.boolean('use_sliding_window', false)) throw unsupported(file, 'use_sliding_window', true, 'false');
  const kinds = config.get('layer_types');
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((kind) => kind === 'full_attention')))
    throw unsupported(file, 'layer_types', kinds, '"full_attention" everywhere');
  if (config.get('hidden_act') !== 'silu') throw unsupported(file, 'hidden_act', config.get('hidden_act'), '"silu"');
  if (config.get('quantization_config') !== undefined)
    throw unsupported(
      file,
      'quantization_config',
      config.get('quantization_config'),
      'absent: weights must be f32, f16 or bf16',
    );
}

/** The base of the rotary frequencies, at the top level or in `rope_parameters`. Refuses scaled variants, which compute
 *  something else. */
function parseRopeTheta(config: JsonObject): number {
  const { file } = config;
  for (const key of ['rope_scaling', 'rope_parameters']) {
    const rope = config.object(key);
    const type = rope?.get('rope_type') ?? rope?.get('type') ?? 'default';
    if (type !== 'default') throw unsupported(file, key, type, 'without scaling ("rope_type": "default")');
    const part = rope?.get('partial_rotary_factor') ?? 1;
    if (part !== 1) throw unsupported(file, `${key}.partial_rotary_factor`, part, '1');
  }
  const nested = config.object('rope_parameters');
  if (nested?.get('rope_theta') === undefined) return config.number('rope_theta', 1, 1e12);
  const theta = nested.number('rope_theta', 1, 1e12);
  if (config.get('rope_theta') !== undefined && config.get('rope_theta') !== theta)
    config.refuse('rope_theta', `must agree with rope_parameters.rope_theta (${theta})`);
  return theta;
}

/** The end-of-text ids; null if the file has none. */
function parseEos(config: JsonObject, vocabularySize: number): number[] | null {
  const value = config.get('eos_token_id');
  if (value === undefined) return null;
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  for (const id of ids) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= vocabularySize) {
      throw new CorruptFileError(
        `${config.file}: "eos_token_id" must hold ids below the vocabulary's size ${vocabularySize}, but holds ${shown(id)}.`,
        {
          file: config.file,
          key: 'eos_token_id',
        },
      );
    }
  }
  return [...new Set(ids as number[])];
}

function unsupported(file: string, key: string, value: unknown, wanted: string): UnsupportedModelError {
  return new UnsupportedModelError(
    `${file}: "${key}" is ${shown(value)}. Lenslet can build this model only with "${key}" ${wanted}.`,
    { file, key },
  );
}
