import { CorruptFileError } from '../api/errors';
import { JsonObject, shown } from './json';

export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';

/** Maps each tensor to its shard. A shard must be a file beside the index; a path is refused. */
export function parseIndex(json: unknown, file: string): Map<string, string> {
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
  return map;
}

/** Bytes of all tensors as the index states them, else 0. */
export function statedBytes(json: unknown, file: string): number {
  const index = new JsonObject(json, file);
  const stated = typeof index.get('metadata') === 'object' ? index.object('metadata')?.get('total_size') : undefined;
  return typeof stated === 'number' && Number.isSafeInteger(stated) && stated > 0 ? stated : 0;
}
