import type { DictionaryFormat, WeightFormat } from '../../lens/api/model';
import {
  dictionaryBytes,
  encodedBytes,
  fittingTokens,
  kvBytes,
  largestBinding,
  modelBytes,
  parameterCount,
  ropeBytes,
  storedBytes,
  storedDictionaryBytes,
} from '../../lens/sizes';
import type { KnownDictionary, Shape } from './catalogue';

/** Bytes of a layer's tensors as they are published. */
export const dictionaryDownload = ({ width, numbers }: Pick<KnownDictionary, 'width' | 'numbers'>, d: number): number =>
  encodedBytes(numbers, 2 * width * d + width + d);

/** Bytes of the model's files as they are published, bfloat16. */
export const modelDownload = (shape: Shape): number =>
  2 * parameterCount({ ...shape, tied: shape.tied && !shape.writesHead });

/** The context that the cost of keys and values is stated for, where a model may have so much here. */
export const STATED_CONTEXT = 4096;

/** Tokens whose keys and values, as float32, are among a model's costs. */
export const statedContext = (shape: Shape): number => Math.min(STATED_CONTEXT, fittingTokens(shape, 'float32'));

export interface Costs {
  /** From the network: the model's files, and one layer of the dictionary. */
  download: number;
  /** How much of it lies beside the page. */
  beside: number;
  /** On the GPU while it is open, keys and values for `statedContext` among it. */
  memory: number;
  /** In the browser's store; dictionaries are kept as f16 whatever the GPU holds. */
  disk: number;
  largest: number;
}

export function costsOf(
  shape: Shape,
  dictionary: KnownDictionary | null,
  format: WeightFormat,
  dictionaryFormat: DictionaryFormat,
): Costs {
  const size = dictionary && { width: dictionary.width, d: shape.d };
  const tokens = statedContext(shape);
  const layer = dictionary ? dictionaryDownload(dictionary, shape.d) : 0;
  return {
    download: modelDownload(shape) + layer,
    beside: dictionary?.at.kind === 'url' ? layer : 0,
    memory:
      modelBytes(shape, format) +
      (size ? dictionaryBytes(size, dictionaryFormat) : 0) +
      kvBytes(shape, tokens, 'float32') +
      ropeBytes(shape, tokens, 'float32'),
    disk: storedBytes(shape, format) + (size ? storedDictionaryBytes(size) : 0),
    largest: largestBinding(shape, format).bytes,
  };
}
