import { CorruptFileError, MissingFileError } from '../api/errors';
import { parseJson } from '../formats/json';
import { parseSafetensors, type StoredTensor, type Weights, weightsOf } from '../formats/safetensors';
import { sha256, sha256OfFiles } from '../formats/sha256';
import { INDEX, parseIndex, SINGLE } from '../formats/shard-index';
import type { Folder, ReadOptions } from '../sources/folder';

export interface ModelWeights extends Weights {
  /** As LensInfo.sha256. */
  sha256: string | null;
}

/** Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names. `onBytes` counts over all
 *  shards. */
export async function openWeights(folder: Folder, options: ReadOptions = {}): Promise<ModelWeights> {
  const single = await folder.tryRead(SINGLE, options);
  if (single) return { ...weightsOf(parseSafetensors(single, SINGLE), SINGLE), sha256: await sha256(single) };
  const index = await folder.tryRead(INDEX, { signal: options.signal });
  if (!index)
    throw new MissingFileError(
      `${folder.name} has neither ${SINGLE} nor ${INDEX}. Check that it is a model folder with safetensors weights.`,
      {
        folder: folder.name,
      },
    );
  const { map, totalSize } = parseIndex(parseJson(index, INDEX), INDEX);
  const { tensors, hashes } = await readShards(folder, map, totalSize, options);
  return { ...weightsOf(tensors, INDEX), sha256: await sha256OfFiles(hashes) };
}

interface Shards {
  tensors: Map<string, StoredTensor>;
  /** SHA-256 of each shard by its name; null: not taken. */
  hashes: Map<string, string | null>;
}

async function readShards(
  folder: Folder,
  map: Map<string, string>,
  totalSize: number,
  { signal, onBytes }: ReadOptions,
): Promise<Shards> {
  const hashes = new Map<string, string | null>();
  const shards = new Map<string, Map<string, StoredTensor>>();
  let before = 0;
  for (const shard of new Set(map.values())) {
    // The index counts tensors only, the shards have headers too: never report more than the whole.
    const report = (loaded: number) => onBytes?.(before + loaded, totalSize && Math.max(totalSize, before + loaded));
    const bytes = await folder.read(shard, { signal, onBytes: report });
    before += bytes.length;
    shards.set(shard, parseSafetensors(bytes, shard));
    hashes.set(shard, await sha256(bytes));
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shard] of map) {
    const tensor = shards.get(shard)?.get(name);
    if (!tensor)
      throw new CorruptFileError(`${shard} does not hold ${name}, as ${INDEX} says it does. Download both again.`, {
        file: shard,
        tensor: name,
      });
    tensors.set(name, tensor);
  }
  return { tensors, hashes };
}
