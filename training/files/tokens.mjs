// Tokenizes as the browser does: a JSON list of texts on stdin, `node training/files/tokens.mjs MODEL_FOLDER`, a JSON
// list of { ids, tokens } on stdout, where `tokens` is what each id alone decodes to. With `--decode`, lists of ids to
// texts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';

const folder = process.argv[2];
if (!folder)
  throw new Error(
    'Say which model folder holds the tokenizer: node training/files/tokens.mjs public/models/lenslet-mini',
  );
const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
const decode = (ids) => tokenizer.decode(ids, { skip_special_tokens: false });
const input = JSON.parse(readFileSync(0, 'utf8'));
const encode = (text) => {
  const { ids } = tokenizer.encode(text);
  return { ids, tokens: ids.map((id) => decode([id])) };
};
process.stdout.write(JSON.stringify(process.argv.includes('--decode') ? input.map(decode) : input.map(encode)));
