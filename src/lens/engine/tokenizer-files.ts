import { ShapeMismatchError } from '../api/errors';
import type { QwenConfig } from '../folders/config';
import { JsonObject, parseJson } from '../formats/json';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';
import { Tokenizer } from './tokenizer';

/** Opens the tokenizer of a model's or a pair's folder. If the configuration has no chat template, reads the file in
 *  which newer repositories keep it. Throws ShapeMismatchError if the tokenizer has ids beyond the model's
 *  vocabulary. */
export async function openTokenizer(
  source: Source,
  { vocabularySize }: Pick<QwenConfig, 'vocabularySize'>,
  { signal, onBytes }: ReadOptions = {},
): Promise<Tokenizer> {
  const [json, settings] = ['tokenizer.json', 'tokenizer_config.json'];
  const named = (path: string) => `${source.name.replace(/\/$/, '')}/${path}`;
  const vocabulary = parseJson(await source.read(json, { signal, onBytes }), named(json));
  const config = parseJson(await source.read(settings, { signal }), named(settings));
  const own = new JsonObject(config, named(settings)).get('chat_template');
  const template = own === undefined ? await source.tryRead('chat_template.jinja', { signal }) : null;
  const whole = template ? { ...(config as object), chat_template: new TextDecoder().decode(template) } : config;
  const tokenizer = new Tokenizer(vocabulary, whole);
  if (tokenizer.size <= vocabularySize) return tokenizer;
  throw new ShapeMismatchError(
    `The tokenizer in ${source.name} has ids up to ${tokenizer.size - 1}, its model's vocabulary ends at ${vocabularySize - 1}. They are not of one model.`,
  );
}
