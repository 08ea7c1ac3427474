import { AS_STORED } from '../../src/lens/folders/dictionary-weights';
import { float16ToFloat32, float32ToFloat16 } from '../../src/lens/formats/halves';
import { readTorchFile } from '../../src/lens/formats/torch-file';
import { STATS } from '../../src/lens/kernels/compute';
import { encode } from '../../src/lens/kernels/oracle';
import { fileFolder } from '../../src/lens/sources/disk';
import { readRange } from '../../src/lens/sources/read-range';

/** The page's codes against the plain oracle on the page's own residual: a second computation from the downloaded file,
 *  in float64 and without a GPU. It imports TypeScript: it is loaded through Vite.
 *  @import { TorchTensor } from '../../src/lens/formats/torch-file'
 *  @typedef {{ ids: ArrayLike<number>, values: ArrayLike<number> }} Codes Rows of k slots each. */

/** Tolerance of a code's value, relative if the value is above 1. A slot with another id is a tie if the id's
 *  pre-activation is this near to the k-th largest. */
export const TOLERANCE = 1e-3;

const near = (/** @type {number} */ a, /** @type {number} */ b) =>
  Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));

/** `preactivations` are the oracle's, [rows, width]. `values`: the largest difference of a value from the
 *  pre-activation of its id.
 *  @param {Codes} page
 *  @param {Codes & { preactivations: ArrayLike<number> }} oracle
 *  @param {{ rows: number, k: number, width: number }} size */
export function compareCodes(page, oracle, { rows, k, width }) {
  const result = { slots: rows * k, different: 0, ties: 0, values: 0, beyond: 0 };
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [row * k, (row + 1) * k];
    const expected = new Set(Array.from(oracle.ids).slice(begin, end));
    const seen = new Set();
    const last = oracle.values[end - 1];
    for (let slot = begin; slot < end; slot++) {
      const id = page.ids[slot];
      const value = page.values[slot];
      const known = id < width && !seen.has(id);
      seen.add(id);
      const p = known ? oracle.preactivations[row * width + id] : Number.NaN;
      if (!expected.has(id)) {
        if (known && near(p, last)) result.ties++;
        else result.different++;
      }
      const difference = Math.abs(value - p) / Math.max(1, Math.abs(p));
      if (!(difference <= TOLERANCE)) result.beyond++;
      if (difference > result.values) result.values = difference;
    }
  }
  return result;
}

/** The oracle's codes of rows of residuals, [rows * d], under a dictionary file of `folder`, its matrices rounded to
 *  float16 as they are kept.
 *  @param {string} folder
 *  @param {string} path
 *  @param {number} k
 *  @param {Float32Array} residuals */
export async function oracleCodes(folder, path, k, residuals) {
  const source = fileFolder(folder);
  const { file, tensors } = await readTorchFile(source, path);
  const tensor = (/** @type {string} */ name) => /** @type {TorchTensor} */ (tensors.get(name));
  const numbers = async (/** @type {string} */ name) =>
    new Float32Array((await readRange(source, file, tensor(name).begin, tensor(name).end)).buffer);
  const kept = async (/** @type {string} */ name) => float16ToFloat32(float32ToFloat16(await numbers(name)));
  const [width, d] = tensor('W_enc').shape;
  const decoderBias = await numbers('b_dec');
  const dictionary = {
    d,
    width,
    k,
    ...AS_STORED,
    encoder: await kept('W_enc'),
    decoder: turned(await kept('W_dec'), d, width),
    encoderBias: await numbers('b_enc'),
    decoderBias,
    center: decoderBias,
  };
  const rows = residuals.length / d;
  const ids = new Uint32Array(rows * k);
  const values = new Float32Array(rows * k);
  const stats = new Float32Array(rows * STATS);
  const preactivations = new Float32Array(rows * width);
  encode(dictionary, residuals, { ids, values, stats }, preactivations);
  const fvu = Float32Array.from({ length: rows }, (_, row) => stats[STATS * row] / stats[STATS * row + 1]);
  return { ids, values, fvu, preactivations, width };
}

/** [d, width] as [width, d].
 *  @param {Float32Array} matrix
 *  @param {number} d
 *  @param {number} width */
function turned(matrix, d, width) {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < d; i++)
    for (let feature = 0; feature < width; feature++) out[feature * d + i] = matrix[i * width + feature];
  return out;
}
