import { CorruptFileError } from '../api/errors';
import type { DictionaryAbout } from '../api/site';
import { asUint16 } from '../formats/halves';
import { toFloat32 } from '../formats/safetensors';
import { HASHED, sha256 } from '../formats/sha256';
import { transpose } from '../formats/transpose';
import type { ReadOptions } from '../sources/folder';
import { readRange } from '../sources/read-range';
import type { Source } from '../sources/source';
import { folderBeside, readStatistics } from './beside';
import type { DictionaryPlan, DictionaryTensor } from './dictionary-plan';
import type { DictionaryWeights } from './dictionary-weights';
import { FoldSums, foldVectors, type StoredVectors } from './fold';
import type { FeatureStats } from './sae-stats';

/** A layer's dictionary in memory, for a model that is read from its folder at each opening. */
export interface DictionaryFiles {
  layer: number;
  d: number;
  width: number;
  k: number;
  weights: DictionaryWeights;
  about: DictionaryAbout;
  notices: string[];
  /** The source it was read from, and its folder, where data about its features may lie: empty or with '/' at
   *  its end; null of a file for each layer, beside which there is no such data. */
  source: Source;
  folder: string | null;
  stats: FeatureStats | null;
  /** Where `weights.center` comes from. */
  center: 'mean' | 'b_dec';
  /** As SiteInfo.sha256. */
  sha256: string | null;
}

/** Reads the dictionary of a plan, and the statistics beside it. If both matrices are half floats, they stay so;
 *  anything else becomes float32. Its vectors are folded (fold.ts). Throws CorruptFileError, ShapeMismatchError,
 *  MissingFileError, AbortedError. */
export async function readDictionary(
  source: Source,
  plan: DictionaryPlan,
  { signal, onBytes }: ReadOptions = {},
): Promise<DictionaryFiles> {
  const { layer, d, width, k, file, tensors } = plan;
  const folder = folderBeside(plan);
  // A longer file is read tensor by tensor, and its hash is the one that the source states.
  const whole = file.size <= HASHED ? await source.read(file.path, { signal, onBytes }) : null;
  if (whole && whole.length !== file.size)
    throw new CorruptFileError(`${file.path} changed while it was read. Open the model again.`, { file: file.path });
  const hashing = whole && !plan.source && sha256(whole);
  let loaded = 0;
  const bytes = async ({ begin, end }: DictionaryTensor): Promise<Uint8Array> => {
    if (whole) return whole.subarray(begin, end);
    const read = await readRange(source, file, begin, end, { signal });
    loaded += read.length;
    onBytes?.(loaded, file.size);
    return read;
  };
  const floats = async (tensor: DictionaryTensor) => toFloat32(await bytes(tensor), tensor.dtype, file.path);
  const { encoder, decoder } = tensors;
  const halves = encoder.dtype === 'F16' && decoder.dtype === 'F16';
  const matrix = async (tensor: DictionaryTensor): Promise<Float32Array | Uint16Array> => {
    const values = halves ? asUint16(await bytes(tensor)) : await floats(tensor);
    if (tensor.transposed) return transpose(values, d, width);
    return halves ? values.slice() : values;
  };
  const notices = [...plan.notices];
  const stats = folder === null ? null : await readStatistics(source, folder, { d, width, notices, signal });
  const vectors: StoredVectors = {
    encoderBias: await floats(tensors.encoderBias),
    decoderBias: await floats(tensors.decoderBias),
  };
  for (const name of ['threshold', 'magnitude', 'gateBias'] as const) {
    const tensor = tensors[name];
    if (tensor) vectors[name] = await floats(tensor);
  }
  const matrices = { encoder: await matrix(encoder), decoder: await matrix(decoder) };
  const sums = new FoldSums(plan, plan.fold, vectors.decoderBias);
  sums.encoder({ numbers: matrices.encoder, first: 0, transposed: false });
  sums.decoder({ numbers: matrices.decoder, first: 0, transposed: false });
  const folded = foldVectors(plan, vectors, sums, file.path);
  const weights: DictionaryWeights = {
    d,
    width,
    k,
    dtype: halves ? 'float16' : 'float32',
    ...matrices,
    ...folded,
    center: stats?.mean ?? folded.decoderBias,
  };
  return {
    ...{ layer, d, width, k, weights, source, folder, stats },
    about: plan.about,
    notices,
    center: stats?.mean ? 'mean' : 'b_dec',
    // Of a copy in memory, which is inflated or rounded, it would be another one than the file's.
    sha256: plan.source ? null : hashing ? await hashing : file.sha256,
  };
}
