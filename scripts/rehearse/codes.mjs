import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The page's codes against the plain oracle on the page's own residual: a second computation from the downloaded file,
 *  in float64 and without a GPU. */

/** Of a code's value, relative where it is above 1; a slot that another id takes is a tie where its pre-activation is
 *  this near to the k-th largest. */
export const TOLERANCE = 1e-3;

const near = (a, b) => Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));

/** Rows of k slots each. `preactivations` are the oracle's, [rows, width]. `values`: the largest difference of a value
 *  from the pre-activation of its id. */
export function compareCodes(page, oracle, { rows, k, width }) {
  const result = { slots: rows * k, different: 0, ties: 0, values: 0, beyond: 0 };
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [row * k, (row + 1) * k];
    const expected = new Set(oracle.ids.slice(begin, end));
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

/** The oracle's codes of rows of residuals, [rows * d], under a dictionary file, its matrices rounded to float16 as
 *  they are kept. `library`: the modules of src/lens. */
export async function oracleCodes(root, repo, layer, k, residuals, { readTorchFile, oracle, halves }) {
  const source = await fileSource(join(root, repo));
  const path = `layer${layer}.sae.pt`;
  const { tensors } = await readTorchFile(source, path);
  const kept = async (name) =>
    halves.float16ToFloat32(halves.float32ToFloat16(await numbersOf(source, path, tensors.get(name))));
  const [width, d] = tensors.get('W_enc').shape;
  const decoderBias = await numbersOf(source, path, tensors.get('b_dec'));
  const dictionary = {
    d,
    width,
    k,
    encoder: await kept('W_enc'),
    decoder: turned(await kept('W_dec'), d, width),
    encoderBias: await numbersOf(source, path, tensors.get('b_enc')),
    decoderBias,
    center: decoderBias,
  };
  const rows = residuals.length / d;
  const ids = new Uint32Array(rows * k);
  const values = new Float32Array(rows * k);
  const stats = new Float32Array(rows * 4);
  const preactivations = new Float32Array(rows * width);
  oracle.encode(dictionary, residuals, { ids, values, stats }, preactivations);
  const fvu = Float32Array.from({ length: rows }, (_, row) => stats[4 * row] / stats[4 * row + 1]);
  await source.close();
  return { ids, values, fvu, preactivations, width };
}

/** [d, width] as [width, d]. */
function turned(matrix, d, width) {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < d; i++)
    for (let feature = 0; feature < width; feature++) out[feature * d + i] = matrix[i * width + feature];
  return out;
}

async function numbersOf(source, path, { begin, end }) {
  const bytes = new Uint8Array(end - begin);
  await source.readInto(path, begin, bytes);
  return new Float32Array(bytes.buffer);
}

/** As much of a Source as the reader of torch files asks for, over a folder on this disk. */
export async function fileSource(folder) {
  const files = new Map();
  const handle = async (path) => files.get(path) ?? files.set(path, await open(join(folder, path))).get(path);
  const source = {
    name: folder,
    origin: { kind: 'picked', name: folder },
    licence: null,
    async stat(path) {
      const found = await stat(join(folder, path)).catch(() => null);
      return found ? { path, size: found.size, sha256: null } : null;
    },
    async *stream(path, begin, end) {
      const bytes = new Uint8Array(end - begin);
      await source.readInto(path, begin, bytes);
      yield bytes;
    },
    async readInto(path, begin, bytes) {
      const file = await handle(path);
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, Math.min(2 ** 28, bytes.length - done), begin + done);
        if (bytesRead === 0) throw new Error(`${path} ends before byte ${begin + bytes.length}.`);
        done += bytesRead;
      }
    },
    async close() {
      for (const file of files.values()) await file.close();
    },
  };
  return source;
}
