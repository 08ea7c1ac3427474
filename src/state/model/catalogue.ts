import type { DictionaryFormat, WeightFormat } from '../../lens/api/model';
import { DEFAULT_MODEL, type ModelRequest, noChoice } from './model-url';

/** The shape of a Qwen model, in its config.json's terms: all that its sizes follow from. */
export interface Shape {
  layers: number;
  hidden: number;
  intermediate: number;
  heads: number;
  keyHeads: number;
  headDim: number;
  vocabulary: number;
  tied: boolean;
  /** Tokens that the model itself allows. */
  context: number;
  /** A tied unembedding is written into the files a second time, as in Qwen3's instruct repositories. It is downloaded,
   *  and not kept. */
  writesHead?: boolean;
}

export interface DictionaryShape {
  repo: string;
  layers: number;
  width: number;
  k: number;
}

/** A model that the page knows by name. */
export interface Known {
  repo: string;
  /** What it is, in a sentence. */
  says: string;
  shape: Shape;
  dictionaries: DictionaryShape[];
  layer: number;
  licence: string;
  /** What to keep in mind about model and dictionary together. */
  caution: string | null;
}

/** Said of every model here: nobody has opened it in this page with the real weights yet. */
export const REHEARSED = 'Verified in rehearsal only: this page has never opened it with the real weights.';

/** Of every dictionary of Qwen-Scope: the signals conflict. */
export const SCOPE_LICENCE =
  'Licence of Qwen-Scope’s dictionaries: unclear. Their cards name one of their own (“other: qwen”), while others found Apache-2.0 in such a repository: read its ' +
  'LICENSE. Card and report (section 9.3) forbid use for “non-scientific research purposes to interfere with model capabilities”.';

const small: Shape = {
  layers: 28,
  hidden: 2048,
  intermediate: 6144,
  heads: 16,
  keyHeads: 8,
  headDim: 128,
  vocabulary: 151_936,
  tied: true,
  context: 32_768,
};
const large: Shape = { ...small, layers: 36, hidden: 4096, intermediate: 12_288, heads: 32, tied: false };

const scope = (name: string, width: number, layers: number): DictionaryShape[] =>
  [50, 100].map((k) => ({ repo: `Qwen/SAE-Res-${name}-W${width / 1024}K-L0_${k}`, layers, width, k }));

const smallScope = scope('Qwen3-1.7B-Base', 32_768, 28);

/** In the order in which the page lists them. Sizes are computed from the published configurations. */
export const KNOWN: readonly Known[] = [
  {
    repo: 'Qwen/Qwen3-1.7B-Base',
    says: 'The base model that the dictionaries of Qwen-Scope were trained on, with one of them: a layer of 32,768 features.',
    shape: small,
    dictionaries: smallScope,
    layer: 14,
    licence: 'Apache-2.0; of the dictionary unclear',
    caution: null,
  },
  {
    repo: 'Qwen/Qwen3-8B-Base',
    says: 'The larger base model with its own dictionary: a layer of 65,536 features. For a GPU with much memory.',
    shape: large,
    dictionaries: scope('Qwen3-8B-Base', 65_536, 36),
    layer: 18,
    licence: 'Apache-2.0; of the dictionary unclear',
    caution: null,
  },
  {
    repo: 'Qwen/Qwen3-1.7B',
    says: 'The instruct model, for chat, with the base model’s dictionary.',
    shape: { ...small, context: 40_960, writesHead: true },
    dictionaries: smallScope,
    layer: 14,
    licence: 'Apache-2.0; of the dictionary unclear',
    caution:
      'The dictionary was trained on the base model. Its card calls this use “also reasonable”; on a sibling of this model about 28 % of a token’s twenty strongest ' +
      'features were others than in the base model.',
  },
];

/** The model beside the page. */
export const MINI = {
  name: 'lenslet-mini',
  url: DEFAULT_MODEL,
  says: 'The demonstration: a Qwen3 of 6.8 million parameters, trained for this page, with three dictionaries, labels and a verbalizer. It comes with the page.',
  verified: 'Verified against real weights: its own, compared with PyTorch (Check parity does it again here).',
  licence: 'MIT, as this page; its card names the texts.',
};

export const knownModel = (repo: string): Known | null =>
  KNOWN.find((one) => one.repo.toLowerCase() === repo.toLowerCase()) ?? null;

export function knownDictionary(repo: string): DictionaryShape | null {
  for (const { dictionaries } of KNOWN) {
    const found = dictionaries.find((one) => one.repo.toLowerCase() === repo.toLowerCase());
    if (found) return found;
  }
  return null;
}

/** A request for a model of the list, as it is offered. */
export const offered = (known: Known): ModelRequest & { kind: 'hub' } => ({
  ...noChoice,
  kind: 'hub',
  repo: known.repo,
  revision: null,
  endpoint: null,
  dictionary: known.dictionaries[0]!.repo,
  layer: known.layer,
  format: 'q4',
});

/** Numbers of the matrices: the blocks', and the embedding's (one of the two where they are tied). */
export function matrixNumbers(shape: Shape): { blocks: number; embedding: number } {
  const { layers, hidden, intermediate, heads, keyHeads, headDim, vocabulary } = shape;
  const attention = 2 * hidden * heads * headDim + 2 * hidden * keyHeads * headDim;
  return { blocks: layers * (attention + 3 * hidden * intermediate), embedding: vocabulary * hidden };
}

/** Numbers that are float32 in every format: norms, two a block over the residual stream and two over a head (Qwen3's),
 *  and the last one. */
export const vectorNumbers = ({ layers, hidden, headDim }: Shape): number =>
  layers * (2 * hidden + 2 * headDim) + hidden;

export const parameters = (shape: Shape): number => {
  const { blocks, embedding } = matrixNumbers(shape);
  return blocks + embedding * (shape.tied ? 1 : 2) + vectorNumbers(shape);
};

/** Bytes a number: packed bits and a float32 scale per block of 32. */
const PER_NUMBER: Record<WeightFormat, number> = { f32: 4, f16: 2, q8: (32 + 4) / 32, q4: (16 + 4) / 32 };

/** Bytes of the weights as they are kept, on the disk and on the GPU alike. With q4 embedding and unembedding are
 *  q8. */
export function weightBytes(shape: Shape, format: WeightFormat): number {
  const { blocks, embedding } = matrixNumbers(shape);
  const tables = shape.tied ? 1 : 2;
  return (
    blocks * PER_NUMBER[format] +
    tables * embedding * PER_NUMBER[format === 'q4' ? 'q8' : format] +
    4 * vectorNumbers(shape)
  );
}

/** Bytes of the largest matrix, which must fit into one buffer: the embedding's numbers without their scales. */
export const largestBuffer = (shape: Shape, format: WeightFormat): number =>
  shape.vocabulary * shape.hidden * (format === 'q4' || format === 'q8' ? 1 : PER_NUMBER[format]);

/** Bytes of keys and values for a context; `bytesEach`: 4 with float32 activations, 2 with float16. */
export const cacheBytes = ({ layers, keyHeads, headDim }: Shape, tokens: number, bytesEach: 2 | 4): number =>
  2 * layers * keyHeads * headDim * tokens * bytesEach;

/** Bytes of a dictionary on the GPU: two matrices, f16 or int8 with a float32 scale per feature, and two float32
 *  biases. */
export function dictionaryBytes({ width }: DictionaryShape, hidden: number, format: DictionaryFormat): number {
  const matrix = format === 'f16' ? 2 * width * hidden : width * hidden + 4 * width;
  return 2 * matrix + 4 * (width + hidden);
}

/** Bytes of a layer's file as it is published, float32. */
export const dictionaryDownload = ({ width }: DictionaryShape, hidden: number): number =>
  4 * (2 * width * hidden + width + hidden);

/** Bytes of the model's files as they are published, bfloat16. */
export const modelDownload = (shape: Shape): number =>
  2 * (parameters(shape) + (shape.writesHead && shape.tied ? matrixNumbers(shape).embedding : 0));

/** The context that the cost of keys and values is stated for. */
export const STATED_CONTEXT = 4096;

export interface Costs {
  /** From the network: the model's files, and one layer of the dictionary. */
  download: number;
  /** On the GPU while it is open, keys and values for `STATED_CONTEXT` tokens of float32 among it. */
  memory: number;
  /** In the browser's store; dictionaries are kept as f16 whatever the GPU holds. */
  disk: number;
  largest: number;
}

export function costsOf(
  shape: Shape,
  dictionary: DictionaryShape | null,
  format: WeightFormat,
  dictionaryFormat: DictionaryFormat,
): Costs {
  const weights = weightBytes(shape, format);
  const on = (as: DictionaryFormat) => (dictionary ? dictionaryBytes(dictionary, shape.hidden, as) : 0);
  return {
    download: modelDownload(shape) + (dictionary ? dictionaryDownload(dictionary, shape.hidden) : 0),
    memory: weights + on(dictionaryFormat) + cacheBytes(shape, Math.min(STATED_CONTEXT, shape.context), 4),
    disk: weights + on('f16'),
    largest: largestBuffer(shape, format),
  };
}

/** The shape that a config.json states, of which nobody knows who wrote it; null where it states none that sizes follow
 *  from. */
export function shapeOf(config: unknown): Shape | null {
  if (typeof config !== 'object' || config === null) return null;
  const values = config as Record<string, unknown>;
  const whole = (key: string, most: number): number | null => {
    const value = values[key];
    return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= most ? value : null;
  };
  const hidden = whole('hidden_size', 1e5);
  const heads = whole('num_attention_heads', 1e4);
  const shape = {
    layers: whole('num_hidden_layers', 1000),
    hidden,
    intermediate: whole('intermediate_size', 1e6),
    heads,
    keyHeads: whole('num_key_value_heads', 1e4) ?? heads,
    headDim: whole('head_dim', 1e4) ?? (hidden && heads && Math.floor(hidden / heads)),
    vocabulary: whole('vocab_size', 1e7),
    context: whole('max_position_embeddings', 1e8) ?? 4096,
  };
  if (Object.values(shape).includes(null)) return null;
  return { ...(shape as { [K in keyof typeof shape]: number }), tied: values.tie_word_embeddings === true };
}

/** Up to so many parameters a model is opened as it is, in memory. */
export const SMALL = 64e6;
