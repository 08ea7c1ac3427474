import type { DictionaryWeights } from '../folders/dictionary-weights';
import { float16ToFloat32 } from '../formats/halves';
import type { Encoded } from './libraries';

/** Formats in which a GPU keeps a dictionary. */
export type Kept = 'f16' | 'int8';

/** Which latents are further from the library's than the rounding of the matrices allows, or active in one alone and not
 *  at their edge. The store folds rounded matrices: b_dec is rounded with the encoder, and a decoder row's norm is. */
export function beyondRounding(
  { latents }: Encoded,
  weights: DictionaryWeights,
  residuals: Float32Array,
  codes: Float32Array,
  format: Kept,
): string[] {
  const { d, width, activation, threshold, encoderScale, decoderBias } = weights;
  const encoder = Array.from({ length: width }, (_, f) => {
    const row = floats(weights.encoder).subarray(f * d, (f + 1) * d);
    return roundingOf(row, format).map((x) => x * (encoderScale?.[f] ?? 1));
  });
  const found: string[] = [];
  for (let t = 0; t * d < residuals.length; t++) {
    const h = residuals.subarray(t * d, (t + 1) * d);
    const [truth, have] = [codes, latents].map((all) => Array.from(all.subarray(t * width, (t + 1) * width))) as [
      number[],
      number[],
    ];
    const reach = h.map((x, i) => Math.abs(x) + Math.abs(decoderBias[i]!));
    const allowed = encoder.map((row, f) =>
      row.reduce((sum, x, i) => sum + x * reach[i]!, 1e-5 * Math.max(...truth) + truth[f]! * 2 ** -11),
    );
    const least = Math.min(...[...truth, ...have].filter((z) => z > 0));
    for (const [f, z] of truth.entries()) {
      const other = have[f]!;
      if (z === other) continue;
      const edge = activation === 'topk' ? least + Math.max(...allowed) : (threshold?.[f] ?? 0);
      const off = z > 0 && other > 0 ? Math.abs(z - other) : Math.max(z, other) - edge;
      if (off > allowed[f]!) found.push(`row ${t}, feature ${f}: ${other} for ${z}, allowed ${allowed[f]}`);
    }
  }
  return found;
}

const floats = (matrix: Float32Array | Uint16Array) =>
  matrix instanceof Uint16Array ? float16ToFloat32(matrix) : matrix;

/** By how much numbers of a row of a matrix may be rounded: float16's half unit, or after it half a step of 1/127 of the
 *  largest number. */
function roundingOf(row: Float32Array, format: Kept): Float64Array {
  const step = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127;
  return Float64Array.from(row, (x) => Math.abs(x) * 2 ** -11 + 2 ** -24 + (format === 'int8' ? 0.51 * step : 0));
}
