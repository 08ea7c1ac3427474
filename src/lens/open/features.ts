import { AbortedError, LensError } from '../api/errors';
import type { SiteInfo } from '../api/site';
import { FeatureData, type FeatureDataOf } from '../folders/feature-data';
import type { Source, StreamOptions } from '../sources/source';

/** A dictionary, and the folder that data about its features may lie in: empty or with '/' at its end; null if none can. */
interface Described extends Pick<SiteInfo, 'layer' | 'width' | 'k' | 'activation' | 'sha256'> {
  source: Source;
  folder: string | null;
}

/** The width of each layer's dictionary. */
export const widthsOf = (dictionaries: readonly Pick<SiteInfo, 'layer' | 'width'>[]): Map<number, number> =>
  new Map(dictionaries.map(({ layer, width }) => [layer, width]));

/** The feature data of dictionaries that are opened together, by layer. What is damaged, or of another dictionary, is
 *  left out, with a sentence in `notices`. */
export async function openFeatures(
  dictionaries: readonly Described[],
  {
    vocabulary,
    model,
    notices,
    signal,
  }: Pick<FeatureDataOf, 'vocabulary' | 'model'> & { notices: string[] } & StreamOptions,
): Promise<Map<number, FeatureData>> {
  const widths = widthsOf(dictionaries);
  const features = new Map<number, FeatureData>();
  for (const { layer, width, k, activation, sha256, source, folder } of dictionaries) {
    if (folder === null) continue;
    const of = { layer, width, k: activation === 'topk' ? k : null, vocabulary, sha256, model, widths };
    const data = await unlessDamaged(FeatureData.open(source, folder, of, { signal }), notices);
    if (!data) continue;
    features.set(layer, data);
    if (data.caution) notices.push(data.caution);
  }
  return features;
}

/** Reads what a model opens without: if it is damaged, null, and a sentence in `notices`. */
export async function unlessDamaged<T>(reading: Promise<T>, notices: string[]): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
    notices.push(`Left out: ${error.message}`);
    return null;
  }
}
