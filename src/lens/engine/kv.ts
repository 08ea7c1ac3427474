import type { Activations } from '../graph/weights';
import type { Compute, Rows } from '../kernels/compute';
import type { CacheShape } from '../sizes';
import type { Scope } from './scope';

/** What a cache needs to know of its model: a model's `config` says it all. */
export interface KvShape extends CacheShape {
  /** Float32 where nothing is said. */
  activations?: Activations;
}

/** Keys and values of a batch: per layer [batch, kvHeads, max, headDim] each, past and present at once. One row of
 *  `Rows` is one position of one head; half floats stand two in a number, which copies do not notice. */
export interface Kv {
  readonly batch: number;
  readonly max: number;
  readonly key: Rows[];
  readonly value: Rows[];
}

/** A cache for layers `fromLayer` and up; lower ones get one empty row (a run that begins at a cut does not touch
 *  them). Lives as long as the scope. */
export function createKv(scope: Scope, config: KvShape, batch: number, max: number, fromLayer = 0): Kv {
  const columns = config.activations === 'float16' ? config.headDim / 2 : config.headDim;
  const rows = (layer: number) => scope.rows(layer < fromLayer ? 1 : batch * config.kvHeads * max, columns);
  const layers = Array.from({ length: config.layers }, (_, layer) => layer);
  return { batch, max, key: layers.map(rows), value: layers.map(rows) };
}

/** dst's row dstRow takes the first `tokens` tokens of src's row srcRow, all layers; the caches may have room for
 *  different lengths. */
export function copyKvTokens(
  compute: Compute,
  config: KvShape,
  src: Kv,
  srcRow: number,
  dst: Kv,
  dstRow: number,
  tokens: number,
): void {
  for (let layer = 0; layer < config.layers; layer++) {
    for (let head = 0; head < config.kvHeads; head++) {
      const [from, to] = [(srcRow * config.kvHeads + head) * src.max, (dstRow * config.kvHeads + head) * dst.max];
      compute.copy(src.key[layer]!, from, dst.key[layer]!, to, tokens);
      compute.copy(src.value[layer]!, from, dst.value[layer]!, to, tokens);
    }
  }
}

/** dst's row dstRow = src's row srcRow, layers fromLayer <= l < toLayer. Caches of equal `max` only. */
export function copyKv(
  compute: Compute,
  config: KvShape,
  src: Kv,
  srcRow: number,
  dst: Kv,
  dstRow: number,
  fromLayer: number,
  toLayer: number,
): void {
  const count = config.kvHeads * src.max;
  for (let layer = fromLayer; layer < toLayer; layer++) {
    compute.copy(src.key[layer]!, srcRow * count, dst.key[layer]!, dstRow * count, count);
    compute.copy(src.value[layer]!, srcRow * count, dst.value[layer]!, dstRow * count, count);
  }
}
