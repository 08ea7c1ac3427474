import { type DictionaryFiles, readDictionary } from '../folders/dictionary';
import { saelens } from '../folders/forms/saelens';
import { parseJson } from '../formats/json';
import type { Source } from '../sources/source';

/** The dictionary of a SAELens folder; it is held against the sizes of `model`, where one is given. */
export async function openSae(
  source: Source,
  path: string,
  { model }: { model?: { d: number; layers: number } } = {},
): Promise<DictionaryFiles> {
  const folder = `${path.replace(/\/$/, '')}/`;
  const config = parseJson(await source.read(`${folder}cfg.json`), `${folder}cfg.json`);
  const entry = await saelens.read(source, folder, config, {});
  return readDictionary(source, await entry.plan(source, model ?? { d: entry.d!, layers: entry.layer + 1 }));
}
