import type { Origin } from '../api/model';
import type { ModelRef } from '../api/request';
import type { ModelShape } from '../folders/config';
import { defaultFormat, largestBinding } from '../sizes';
import type { StoredFormat } from '../store/plan-pieces';
import type { Store } from '../store/store';

/** Formats of a model's entries that are not whole, the newest first: of the commit that the source has, since the bytes
 *  of another one continue nothing. */
export async function formatsLeft(store: Store, ref: ModelRef, source: { origin: Origin }): Promise<StoredFormat[]> {
  const commit = commitOf(source.origin);
  const left = (await store.allStored('model', ref)).filter(
    ({ complete, origin }) => !complete && commitOf(origin) === commit,
  );
  return left.map(({ detail }) => detail as StoredFormat);
}

const commitOf = (origin: Origin): string | null => (origin.kind === 'hub' ? origin.revision : null);

/** The format in which a model opens where none is named: that of an interrupted download (`left`) which can be computed
 *  with there, else the default. `on`: as `defaultFormat`. */
export function formatOn(
  config: ModelShape,
  left: readonly StoredFormat[],
  on: { wasm: boolean; halves: boolean; binding: number },
): StoredFormat {
  const opens = (format: StoredFormat) =>
    on.wasm || ((format !== 'f16' || on.halves) && largestBinding(config, format).bytes <= on.binding);
  return left.find(opens) ?? (defaultFormat(config, on) as StoredFormat);
}
