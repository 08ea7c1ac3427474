import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { parseSafetensors, weightsOf } from '../formats/safetensors';

export const VALUE_HEAD = 'value_head.safetensors';

/** Reads the AR's linear head, W [d, d], y = W x. Some exported heads had NaN in half of their rows: CorruptFileError
 *  states how many. Throws UnsupportedModelError for a head with a bias, which computes something else. */
export function parseValueHead(bytes: Uint8Array, file: string, d: number): Float32Array {
  const tensors = parseSafetensors(bytes, file);
  const bias = [...tensors.keys()].find((name) => /(^|\.)bias$/.test(name));
  if (bias !== undefined)
    throw new UnsupportedModelError(`${file} has the tensor "${bias}". Lenslet reads linear heads without a bias.`, {
      file,
      tensor: bias,
    });
  const weight = weightsOf(tensors, file).float32('weight', [d, d]);
  let damaged = 0;
  for (let row = 0; row < d; row++) if (!weight.subarray(row * d, (row + 1) * d).every(Number.isFinite)) damaged++;
  if (damaged > 0)
    throw new CorruptFileError(
      `${file}: ${damaged} of ${d} rows hold NaN or infinity. Its export went wrong; take another copy.`,
      { file, rows: damaged },
    );
  return weight;
}
