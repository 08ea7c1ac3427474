import { type DictionaryFiles, readDictionary } from '../folders/dictionary';
import { saelensFolder } from '../folders/dictionary-list';
import { planSaelens } from '../folders/dictionary-plan';
import { noFile } from '../sources/reads';
import type { Source } from '../sources/source';

/** The dictionary of a SAELens folder; it is held against the sizes of `model`, where one is given. */
export async function openSae(
  source: Source,
  path: string,
  { model }: { model?: { d: number; layers: number } } = {},
): Promise<DictionaryFiles> {
  const folder = await saelensFolder(source, `${path.replace(/\/$/, '')}/`);
  if (!folder) throw noFile(`${path}/cfg.json`, source.name);
  const { d, layer } = folder.config;
  return readDictionary(source, await planSaelens(source, folder, model ?? { d, layers: layer + 1 }));
}
