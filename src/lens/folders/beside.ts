import { CorruptFileError, DamagedStoreError, type LensError, ShapeMismatchError } from '../api/errors';
import { parseJson } from '../formats/json';
import { HASHED } from '../formats/sha256';
import type { Source, StreamOptions } from '../sources/source';
import { folderOf } from './dictionary-list';
import type { DictionaryPlan } from './dictionary-plan';
import { type FeatureStats, NONE, parseFeatureStats, parseSparsity } from './sae-stats';

/** What may lie beside a dictionary's weights. Nothing of it is needed: codes and edits are the same without it. */
const STATISTICS = 'feature_stats.json';
/** SAELens' rates. */
const SPARSITY = 'sparsity.safetensors';
export const FEATURES = 'features.safetensors';

/** The largest of these files that are read at once and kept, in bytes. SAELens' rates are four bytes a feature of the
 *  widest dictionary and a header. Feature data in a folder is read by parts and may be longer. */
export const BESIDE: Readonly<Record<string, number>> = {
  [STATISTICS]: HASHED,
  [SPARSITY]: 2 ** 25,
  [FEATURES]: HASHED,
};

/** The folder where files beside a dictionary lie: empty, or with '/' at its end. Null where a folder holds files of
 *  several layers. */
export function folderBeside({ form, file }: Pick<DictionaryPlan, 'form' | 'file'>): string | null {
  if (form === 'qwen-scope' || form === 'layer-file') return null;
  return folderOf(file.path);
}

/** `feature_stats.json`; where it has no densities, those of `sparsity.safetensors`. Null without either. One that cannot
 *  be read is left out, with a sentence in `notices`. */
export async function readStatistics(
  source: Pick<Source, 'tryRead'>,
  folder: string,
  { d, width, notices, signal }: { d: number; width: number; notices: string[] } & StreamOptions,
): Promise<FeatureStats | null> {
  const read = async <T>(name: string, parse: (bytes: Uint8Array, file: string) => T): Promise<T | null> => {
    const file = folder + name;
    try {
      const bytes = await source.tryRead(file, { signal, most: BESIDE[name]! });
      return bytes && parse(bytes, file);
    } catch (error) {
      if (!isDamage(error)) throw error;
      notices.push(`Left out: ${error.message}`);
      return null;
    }
  };
  const stats = await read(STATISTICS, (bytes, file) => parseFeatureStats(parseJson(bytes, file), file, d, width));
  if (stats?.density) return stats;
  const density = await read(SPARSITY, (bytes, file) => parseSparsity(bytes, file, width));
  return density ? { ...NONE, ...stats, density } : stats;
}

const isDamage = (error: unknown): error is LensError =>
  error instanceof CorruptFileError || error instanceof ShapeMismatchError || error instanceof DamagedStoreError;
