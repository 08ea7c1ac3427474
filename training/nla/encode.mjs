// Encodes many short texts quickly: `node training/nla/encode.mjs TOKENIZER_FOLDER IN OUT`. IN: texts separated by NUL.
// OUT: for each a uint16 count and its uint16 ids, little-endian.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tokenizers from 'tokenizers';

const [folder, from, to] = process.argv.slice(2);
if (!to)
  throw new Error(
    'Say which tokenizer, which texts and where to: node training/nla/encode.mjs TOKENIZER_FOLDER IN OUT',
  );
const tokenizer = tokenizers.Tokenizer.fromFile(join(folder, 'tokenizer.json'));
const texts = readFileSync(from, 'utf8').split('\0');
const parts = [];
for (let at = 0; at < texts.length; at += 4000) {
  for (const encoding of await tokenizer.encodeBatch(texts.slice(at, at + 4000))) {
    const ids = encoding.getIds();
    parts.push(Buffer.from(Uint16Array.from([ids.length, ...ids]).buffer));
  }
}
writeFileSync(to, Buffer.concat(parts));
