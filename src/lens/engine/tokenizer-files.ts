import { JsonObject, parseJson } from '../formats/json';
import type { Folder, ReadOptions } from '../sources/folder';
import { Tokenizer } from './tokenizer';

/** The tokenizer of a model folder. Newer repositories keep the chat template in a file of its own, which is asked for
 *  where the configuration has none. */
export async function openTokenizer(folder: Folder, { signal, onBytes }: ReadOptions = {}): Promise<Tokenizer> {
  const file = 'tokenizer_config.json';
  const json = await folder.read('tokenizer.json', { signal, onBytes });
  const config = parseJson(await folder.read(file, { signal }), file);
  const own = new JsonObject(config, file).get('chat_template');
  const template = own === undefined ? await folder.tryRead('chat_template.jinja', { signal }) : null;
  const whole = template ? { ...(config as object), chat_template: new TextDecoder().decode(template) } : config;
  return new Tokenizer(parseJson(json, 'tokenizer.json'), whole);
}
