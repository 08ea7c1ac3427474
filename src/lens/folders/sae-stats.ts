import { CorruptFileError, ShapeMismatchError } from '../api/errors';
import { JsonObject } from '../formats/json';
import { parseSafetensors, toFloat32 } from '../formats/safetensors';

/** Measurements of an SAE on held-out text, without position 0. Null: the file lacks it. */
export interface FeatureStats {
  /** Largest latent per feature, [width]; 0 where it was never active. */
  maximum: Float32Array | null;
  /** Share of tokens on which the feature was active, [width]. */
  density: Float32Array | null;
  /** Mean residual, [d]: the mu of FVU. */
  mean: Float32Array | null;
  /** Median of the residual's norm. */
  normMedian: number | null;
  /** FVU against `mean` over all tokens. */
  fvu: number | null;
}

/** Nothing was measured. */
export const NONE: FeatureStats = { maximum: null, density: null, mean: null, normMedian: null, fvu: null };

/** Checks a `feature_stats.json` of an SAE of width `width` on a residual of width `d`. */
export function parseFeatureStats(json: unknown, file: string, d: number, width: number): FeatureStats {
  const stats = new JsonObject(json, file);
  return {
    maximum: numbers(stats, 'max_activation', width, 0, 3e38),
    density: numbers(stats, 'density', width, 0, 1),
    mean: numbers(stats, 'mean', d, -3e38, 3e38),
    normMedian: stats.get('residual_norm_median') === undefined ? null : stats.number('residual_norm_median', 0, 3e38),
    fvu: stats.get('fvu') === undefined ? null : stats.number('fvu', 0, 3e38),
  };
}

/** SAELens adds this to each rate before it takes the logarithm. */
const NEVER = 1e-10;

/** Rates from SAELens' `sparsity.safetensors`, which holds their decimal logarithms, [width]. */
export function parseSparsity(bytes: Uint8Array, file: string, width: number): Float32Array {
  const tensor = parseSafetensors(bytes, file).get('sparsity');
  if (!tensor) throw new CorruptFileError(`${file} has no tensor sparsity.`, { file, tensor: 'sparsity' });
  const logarithms = toFloat32(tensor.bytes, tensor.dtype, file);
  if (tensor.shape.length !== 1 || logarithms.length !== width)
    throw new ShapeMismatchError(`sparsity in ${file} has shape [${tensor.shape.join(', ')}], not [${width}].`, {
      file,
      tensor: 'sparsity',
    });
  return logarithms.map((logarithm, i) => {
    const rate = 10 ** logarithm;
    if (!(rate <= 1.001))
      throw new CorruptFileError(`${file}: number ${i} is the logarithm of no rate.`, { file, tensor: 'sparsity' });
    return rate < 2 * NEVER ? 0 : Math.min(1, rate);
  });
}

function numbers(stats: JsonObject, key: string, length: number, min: number, max: number): Float32Array | null {
  const value = stats.get(key);
  if (value === undefined) return null;
  if (!Array.isArray(value)) return stats.refuse(key, 'must be a list of numbers');
  if (value.length !== length)
    throw new ShapeMismatchError(`${stats.file}: "${key}" has ${value.length} numbers, but the SAE has ${length}.`, {
      file: stats.file,
      key,
    });
  const bad = value.findIndex((n) => !(typeof n === 'number' && n >= min && n <= max));
  if (bad >= 0)
    throw new CorruptFileError(`${stats.file}: "${key}"[${bad}] must be a number from ${min} to ${max}.`, {
      file: stats.file,
      key,
    });
  return Float32Array.from(value as number[]);
}
