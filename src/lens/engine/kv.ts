import type { Activations } from '../graph/weights';
import { type Compute, type Rows, slice } from '../kernels/compute';
import type { CacheShape } from '../sizes';
import type { Scope } from './scope';

/** The facts about a model that shape its cache. A model's `config` has them all. */
export interface KvShape extends CacheShape {
  /** Default: float32. */
  activations?: Activations;
}

/** Keys and values of a batch: per layer [batch, kvHeads, max, headDim] each, past and present at once. One row of
 *  `Rows` is one position of one head. Two half floats share one number, which makes no difference to copies. */
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

/** One text's cache. */
interface KvRow {
  kv: Kv;
  row: number;
}

/** `dst` takes the first `tokens` tokens of `src`, all layers; the caches may have room for different lengths. */
export function copyKvTokens(compute: Compute, config: KvShape, src: KvRow, dst: KvRow, tokens: number): void {
  const first = ({ kv, row }: KvRow, head: number) => (row * config.kvHeads + head) * kv.max;
  for (const part of ['key', 'value'] as const)
    for (let layer = 0; layer < config.layers; layer++) {
      const [from, to] = [src.kv[part][layer]!, dst.kv[part][layer]!];
      for (let head = 0; head < config.kvHeads; head++)
        compute.copy(slice(from, first(src, head)), slice(to, first(dst, head)), tokens);
    }
}

/** `dst` = `src` from layer `fromLayer` on. Caches of equal `max` only. */
export function copyKv(compute: Compute, config: KvShape, src: KvRow, dst: KvRow, fromLayer: number): void {
  const count = config.kvHeads * src.kv.max;
  for (const part of ['key', 'value'] as const)
    for (let layer = fromLayer; layer < config.layers; layer++)
      compute.copy(slice(src.kv[part][layer]!, src.row * count), slice(dst.kv[part][layer]!, dst.row * count), count);
}
