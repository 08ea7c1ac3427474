import { CorruptFileError, MissingFileError } from '../api/errors';
import { JsonObject, parseJson, shown } from '../formats/json';
import { parseSafetensors, type StoredTensor, type Weights, weightsOf } from '../formats/safetensors';
import { sha256, sha256OfFiles } from '../formats/sha256';
import type { Folder, ReadOptions } from '../sources/folder';

export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';

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

/** Which shard holds which tensor. A shard is a file beside the index: a name with a path in it is refused. */
export function parseIndex(json: unknown, file: string): { map: Map<string, string>; totalSize: number } {
  const index = new JsonObject(json, file);
  const weightMap = index.object('weight_map');
  if (!weightMap) return index.refuse('weight_map', 'must say which shard holds which tensor');
  const map = new Map<string, string>();
  for (const [tensor, shard] of weightMap.entries()) {
    if (typeof shard !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(shard)) {
      throw new CorruptFileError(
        `${file}: the shard of ${tensor} must be the name of a .safetensors file beside it, but is ${shown(shard)}.`,
        {
          file,
          tensor,
        },
      );
    }
    map.set(tensor, shard);
  }
  const stated = typeof index.get('metadata') === 'object' ? index.object('metadata')?.get('total_size') : undefined;
  return { map, totalSize: typeof stated === 'number' && Number.isSafeInteger(stated) && stated > 0 ? stated : 0 };
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
