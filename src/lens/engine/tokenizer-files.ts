import { ShapeMismatchError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import { parseJson } from '../formats/json';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';
import { Tokenizer } from './tokenizer';

/** Opens the tokenizer of a model's or a pair's folder. A chat template in its own file wins over the configuration's,
 *  as in Hugging Face. Throws ShapeMismatchError if the tokenizer has ids beyond the model's vocabulary. */
export async function openTokenizer(
  source: Source,
  { vocabularySize }: Pick<DecoderConfig, 'vocabularySize'>,
  { signal, onBytes }: ReadOptions = {},
): Promise<Tokenizer> {
  const [json, settings] = ['tokenizer.json', 'tokenizer_config.json'];
  const named = (path: string) => `${source.name.replace(/\/$/, '')}/${path}`;
  const vocabulary = parseJson(await source.read(json, { signal, onBytes }), named(json));
  const config = parseJson(await source.read(settings, { signal }), named(settings));
  const jinja = await source.tryRead('chat_template.jinja', { signal });
  const tokenizer = new Tokenizer(vocabulary, config, jinja && new TextDecoder().decode(jinja), vocabularySize);
  if (tokenizer.size <= vocabularySize) return tokenizer;
  throw new ShapeMismatchError(
    `The tokenizer in ${source.name} has ids up to ${tokenizer.size - 1}, its model's vocabulary ends at ${vocabularySize - 1}. They are not of one model.`,
  );
}
