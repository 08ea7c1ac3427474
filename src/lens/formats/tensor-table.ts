import { CorruptFileError, MissingFileError } from '../api/errors';
import { noFile } from '../sources/reads';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { parseJson } from './json';
import { SafetensorsParts, type TensorPlace } from './safetensors-parts';
import { INDEX, parseIndex, SINGLE } from './shard-index';

/** The tensors of a checkpoint and their positions, without the weights. */
export interface TensorTable {
  /** The weights' files, in the order of their names. */
  files: SourceFile[];
  /** By the checkpoint's names. Tensors do not overlap, and each lies within its file. */
  tensors: ReadonlyMap<string, TensorPlace>;
}

/** Most bytes of an index. */
const LARGEST_INDEX = 50_000_000;

/** Finds the tensors of `model.safetensors`, or of the shards that `model.safetensors.index.json` names. Reads only
 *  their headers. Skips tensors of a shard that the index does not place there, as other readers do. Throws
 *  MissingFileError, and CorruptFileError with file, tensor and reason. */
export async function readTensorTable(source: Source, options: StreamOptions = {}): Promise<TensorTable> {
  const single = await SafetensorsParts.open(source, SINGLE, options);
  if (single) return { files: [await fileOf(source, SINGLE, options)], tensors: single.places() };
  const index = await source.tryRead(INDEX, { ...options, most: LARGEST_INDEX });
  if (!index)
    throw new MissingFileError(
      `${source.name} has neither ${SINGLE} nor ${INDEX}. Check that it is a model with safetensors weights.`,
      { folder: source.name },
    );
  const map = parseIndex(parseJson(index, INDEX), INDEX);
  const files: SourceFile[] = [];
  const tensors = new Map<string, TensorPlace>();
  for (const shard of [...new Set(map.values())].sort()) {
    const parts = await SafetensorsParts.open(source, shard, options);
    if (!parts) throw noFile(shard, source.name);
    for (const [name, place] of parts.places()) {
      if (map.get(name) === shard) tensors.set(name, place);
    }
    files.push(await fileOf(source, shard, options));
  }
  for (const [name, shard] of map)
    if (!tensors.has(name)) throw misplaced(name, `${shard} does not hold ${name}, as ${INDEX} says it does`, shard);
  return { files, tensors };
}

/** Called after the header was read: that answer has usually stated the length already. */
async function fileOf(source: Source, path: string, options: StreamOptions): Promise<SourceFile> {
  const file = await source.stat(path, options);
  if (!file) throw noFile(path, source.name);
  return file;
}

function misplaced(tensor: string, why: string, file: string): CorruptFileError {
  return new CorruptFileError(`${why}. Download both again.`, { file, tensor });
}
