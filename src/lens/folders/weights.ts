import { parseJson } from '../formats/json';
import { type StoredTensor, type Weights, weightsOf } from '../formats/safetensors';
import { sha256, sha256OfFiles } from '../formats/sha256';
import { INDEX, SINGLE, statedBytes } from '../formats/shard-index';
import { readTensorTable } from '../formats/tensor-table';
import type { ReadOptions } from '../sources/folder';
import { heldSource } from '../sources/held';
import type { Source } from '../sources/source';

export interface ModelWeights extends Weights {
  /** As LensInfo.sha256. */
  sha256: string | null;
}

/** Reads a checkpoint into memory: `model.safetensors`, or the shards that `model.safetensors.index.json` names, each
 *  file once. `onBytes` counts over all files. The index states only the tensors' bytes, without headers, so the total
 *  grows with the count if it must. Throws what `readTensorTable` throws. */
export async function openWeights(source: Source, { signal, onBytes }: ReadOptions = {}): Promise<ModelWeights> {
  const held = heldSource(source, (path, loaded, total) => {
    const index = held.files.get(INDEX);
    if (path === INDEX) return;
    if (!index) return onBytes?.(loaded, total);
    const before = [...held.files].reduce((sum, [file, { length }]) => sum + (file === INDEX ? 0 : length), 0);
    const stated = statedBytes(parseJson(index, INDEX), INDEX);
    onBytes?.(before + loaded, stated && Math.max(stated, before + loaded));
  });
  const table = await readTensorTable(held, { signal });
  const hashes = new Map<string, string | null>();
  for (const { path } of table.files) hashes.set(path, await sha256(held.files.get(path)!));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { file, dtype, shape, begin, end }] of table.tensors)
    tensors.set(name, { dtype, shape, bytes: held.files.get(file)!.subarray(begin, end) });
  const single = hashes.has(SINGLE);
  return {
    ...weightsOf(tensors, single ? SINGLE : INDEX),
    sha256: single ? hashes.get(SINGLE)! : await sha256OfFiles(hashes),
  };
}
