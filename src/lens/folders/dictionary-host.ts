import { toFloat32 } from '../formats/safetensors';
import { transpose } from '../formats/transpose';
import { readRange } from '../sources/read-range';
import type { Source } from '../sources/source';
import { type DictionaryTensor, readDictionaryFile } from './qwen-scope';
import type { SaeFiles } from './sae';

interface HostOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
}

/** The dictionary of a layer in memory, float32: for models that are small enough to run without a GPU. Throws what
 *  `readDictionaryFile` throws. */
export async function readDictionary(
  source: Source,
  layer: number,
  model: { d: number; layers: number; k?: number },
  { signal, onBytes }: HostOptions = {},
): Promise<SaeFiles> {
  const { d, width, k, file, tensors } = await readDictionaryFile(source, layer, {
    d: model.d,
    layers: model.layers,
    k: model.k,
    signal,
  });
  const { encoder, decoder, encoderBias, decoderBias } = tensors;
  let loaded = 0;
  const numbers = async (tensor: DictionaryTensor): Promise<Float32Array> => {
    const bytes = await readRange(source, file, tensor.begin, tensor.end, { signal });
    loaded += bytes.length;
    onBytes?.(loaded, file.size);
    const values = toFloat32(bytes, tensor.dtype, file.path);
    return tensor.transposed ? transpose(values, d, width, new Float32Array(values.length)) : values;
  };
  const bias = await numbers(decoderBias);
  const weights = {
    d,
    width,
    k,
    dtype: 'float32' as const,
    encoder: await numbers(encoder),
    decoder: await numbers(decoder),
    encoderBias: await numbers(encoderBias),
    decoderBias: bias,
    center: bias,
  };
  return { path: file.path, layer, d, width, k, weights, stats: null, center: 'b_dec', sha256: file.sha256 };
}
