// Encodes a run's texts: `node training/data/encode-texts.mjs RUN` writes RUN/ids/{split}/{domain}.bin, uint16 ids,
// <|endoftext|> before every document, and prints tokens per byte and the share of tokens that are no whole characters.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tokenizers from 'tokenizers';

const run = process.argv[2];
if (!run) throw new Error('Say which run: node training/data/encode-texts.mjs RUN');
const tokenizer = tokenizers.Tokenizer.fromFile(join(run, 'tokenizer', 'tokenizer.json'));
const end = tokenizer.tokenToId('<|endoftext|>');
const partial = new Set();
for (let id = 0; id < tokenizer.getVocabSize(); id++)
  if ((await tokenizer.decode([id], false)).includes('\ufffd')) partial.add(id);

for (const split of ['train', 'dev', 'test']) {
  const into = join(run, 'ids', split);
  mkdirSync(into, { recursive: true });
  for (const name of readdirSync(join(run, 'text', split)).sort()) {
    const documents = readFileSync(join(run, 'text', split, name), 'utf8').split('\0');
    const parts = [];
    let broken = 0;
    for (let at = 0; at < documents.length; at += 2000) {
      for (const encoding of await tokenizer.encodeBatch(documents.slice(at, at + 2000))) {
        const ids = Uint16Array.from([end, ...encoding.getIds()]);
        for (const id of ids) if (partial.has(id)) broken++;
        parts.push(Buffer.from(ids.buffer));
      }
    }
    const all = Buffer.concat(parts);
    writeFileSync(join(into, name.replace('.txt', '.bin')), all);
    const bytes = documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
    const tokens = all.length / 2;
    console.log(
      `${split} ${name} ${tokens} tokens, ${(bytes / tokens).toFixed(2)} bytes a token, ${((100 * broken) / tokens).toFixed(2)} % partial`,
    );
  }
}
