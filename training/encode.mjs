// Tokenizes as the browser does: a JSON list of texts on stdin, `node training/encode.mjs MODEL_FOLDER`, a JSON list of
// { ids, tokens } on stdout, where `tokens` is what each id alone decodes to.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';

const folder = process.argv[2];
if (!folder) throw new Error('Say which model folder holds the tokenizer: node training/encode.mjs public/models/lenslet-mini');
const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
const texts = JSON.parse(readFileSync(0, 'utf8'));
const encoded = texts.map((text) => {
  const { ids } = tokenizer.encode(text);
  return { ids, tokens: ids.map((id) => tokenizer.decode([id], { skip_special_tokens: false })) };
});
process.stdout.write(JSON.stringify(encoded));
