import { CorruptFileError } from '../api/errors';
import { JsonObject, parseJson, shown } from '../formats/json';
import type { Source } from '../sources/source';
import { familyOf } from './families/families';
import type { FamilyFacts } from './families/family';
import { unsupported } from './families/refuse';

/** The checked facts that the graph needs of a dense decoder checkpoint. */
export interface DecoderConfig extends FamilyFacts {
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
  /** Epsilon of every RMS norm. */
  epsilon: number;
  /** The unembedding is the embedding. */
  tied: boolean;
  /** Ids that end a text; may be empty. */
  eos: number[];
}

/** The facts from which all sizes follow: of the tensors, and of the tables beside them. */
export type ModelShape = Omit<DecoderConfig, 'contextLength' | 'layerKinds' | 'epsilon' | 'eos'>;

/** Checks an HF `config.json`. Throws UnsupportedModelError if it describes another kind of model, CorruptFileError if
 *  it describes no model. */
export function parseModelConfig(json: unknown, file: string): DecoderConfig {
  const config = new JsonObject(json, file);
  const family = familyOf(config);
  refuseQuantised(config);
  const d = config.integer('hidden_size', 1, 1 << 16);
  const heads = config.integer('num_attention_heads', 1, 1024);
  const kvHeads = config.integer('num_key_value_heads', 1, 1024);
  if (heads % kvHeads !== 0) config.refuse('num_key_value_heads', `must divide num_attention_heads (${heads})`);
  if (config.get('head_dim') === undefined && d % heads !== 0)
    config.refuse('head_dim', `must be given where num_attention_heads (${heads}) does not divide hidden_size (${d})`);
  const headDim = config.get('head_dim') === undefined ? d / heads : config.integer('head_dim', 2, 1024);
  // ONNX Runtime's attention rotates in groups of 16.
  if (headDim % 16 !== 0) throw unsupported(config, 'head_dim', headDim, 'a multiple of 16');
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
    epsilon: config.number('rms_norm_eps', 0, 1),
    tied: config.boolean('tie_word_embeddings', family.tied),
    eos: parseEos(config, vocabularySize) ?? [],
    ...family.facts(config),
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

function refuseQuantised(config: JsonObject): void {
  const key = 'quantization_config';
  const value = config.get(key);
  if (value !== undefined) throw unsupported(config, key, value, 'absent: weights must be f32, f16 or bf16');
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
