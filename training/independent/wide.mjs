// What llama.cpp computes with a real model, beside what transformers does (real/truth.py):
//
//     node training/independent/wide.mjs --gguf RUN/wide.gguf --truth RUN/truth
//
// The file is one of real/wide.py, all float32. TRUTH/llama.cpp/{text}.safetensors comes out for each of the truth's
// texts: `logits` [T, V], on the truth's ids; and llama.json with llama.cpp's own ids for the texts and its greedy
// texts. What is there already is not computed again.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { greedy, logitsOf, openLlama } from './llama-cpp.mjs';

const GENERATED = 256;
const here = dirname(fileURLToPath(import.meta.url));
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

async function digest(path) {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest('hex');
}

function writeWhole(path, parts) {
  writeFileSync(`${path}.part`, Buffer.concat(parts));
  renameSync(`${path}.part`, path);
}

/** Rows of float32 as a safetensors file with the one tensor `logits`. */
function safetensors(rows) {
  const bytes = rows.map((row) => Buffer.from(row.buffer));
  const size = bytes.reduce((sum, { length }) => sum + length, 0);
  const entry = { dtype: 'F32', shape: [rows.length, rows[0].length], data_offsets: [0, size] };
  const header = JSON.stringify({ logits: entry });
  const text = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return [length, text, ...bytes];
}

const { values } = parseArgs({
  options: { gguf: { type: 'string' }, truth: { type: 'string' }, generated: { type: 'string' } },
});
if (!values.gguf || !values.truth)
  throw new Error('Say which file and which truth: --gguf RUN/wide.gguf --truth RUN/truth');
const truth = json(join(values.truth, 'truth.json'));
const out = join(values.truth, 'llama.cpp');
mkdirSync(out, { recursive: true });
const count = Number(values.generated ?? GENERATED);
const longest = Math.max(...[...truth.texts, ...truth.greedy].map(({ ids }) => ids.length));
const { llama, model, sequence } = await openLlama(resolve(values.gguf), longest + count, 2);
const ends = [model.tokens.eos, model.tokens.eot].filter((id) => id !== null);

for (const { name, ids } of truth.texts) {
  const path = join(out, `${name}.safetensors`);
  if (existsSync(path)) continue;
  writeWhole(path, safetensors(await logitsOf(sequence, ids)));
  console.log(`${name}: ${ids.length} tokens`);
}
const path = join(out, 'llama.json');
const generated = existsSync(path) ? json(path).generated : {};
for (const { name, ids } of truth.greedy) {
  if (generated[name]) continue;
  const steps = await greedy(sequence, ids, count, ends);
  generated[name] = steps.map(({ token }) => token);
  console.log(`${name}: ${steps.length} greedy tokens`);
}
const figures = {
  format: 'lenslet-llama-1',
  sha256: await digest(values.gguf),
  versions: {
    'node-llama-cpp': json(join(here, 'node_modules/node-llama-cpp/package.json')).version,
    'llama.cpp': llama.llamaCppRelease.release,
  },
  // Of conversations what transformers renders, with its markers read as markers.
  ids: Object.fromEntries(
    truth.texts.map(({ name, text, rendered }) => [name, [...model.tokenize(rendered ?? text, true)]]),
  ),
  generated,
};
writeWhole(path, [Buffer.from(`${JSON.stringify(figures, null, 1)}\n`)]);
await llama.dispose();
