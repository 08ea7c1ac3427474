import { CorruptFileError } from '../api/errors';
import { type StoredTensor, type Weights, weightsOf } from '../formats/safetensors';
import { sha256, sha256OfFiles } from '../formats/sha256';
import { INDEX, SINGLE } from '../formats/shard-index';
import { readTensorTable } from '../formats/tensor-table';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';

export interface ModelWeights extends Weights {
  /** As LensInfo.sha256. */
  sha256: string | null;
}

/** A checkpoint in memory: `model.safetensors`, or the shards that `model.safetensors.index.json` names, each file whole.
 *  `onBytes` counts over all of them. Throws what `readTensorTable` throws. */
export async function openWeights(source: Source, { signal, onBytes }: ReadOptions = {}): Promise<ModelWeights> {
  const table = await readTensorTable(source, { signal });
  const total = table.files.reduce((sum, { size }) => sum + size, 0);
  const files = new Map<string, Uint8Array>();
  const hashes = new Map<string, string | null>();
  let before = 0;
  for (const { path, size } of table.files) {
    const bytes = await source.read(path, { signal, onBytes: (loaded) => onBytes?.(before + loaded, total) });
    if (bytes.length !== size)
      throw new CorruptFileError(`${path} changed while it was read. Open the model again.`, { file: path });
    before += size;
    files.set(path, bytes);
    hashes.set(path, await sha256(bytes));
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { file, dtype, shape, begin, end }] of table.tensors)
    tensors.set(name, { dtype, shape, bytes: files.get(file)!.subarray(begin, end) });
  const single = hashes.has(SINGLE);
  return {
    ...weightsOf(tensors, single ? SINGLE : INDEX),
    sha256: single ? hashes.get(SINGLE)! : await sha256OfFiles(hashes),
  };
}
