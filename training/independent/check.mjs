// A second implementation, one that shares no code with this project, on the same model: llama.cpp on the CPU.
//
//     cd training/independent && npm install
//     node training/independent/check.mjs --model public/models/lenslet-mini --out figures.json
//
// llama.cpp reads the folder as GGUF (gguf.py), tokenizes with its own tokenizer, and writes 64 greedy tokens after
// every prompt, one at a time from its cache. PyTorch (reference/qwen3.py) then reads each text in one pass. As long
// as every token is PyTorch's largest logit too, the text is PyTorch's greedy text. Where one is not, the two logits are
// a near tie, less than MARGIN apart, or the check fails; PyTorch goes on from llama.cpp's token, so that all the others
// are compared as well. So are all logits at every step: their log-probabilities differ by less than LIMIT or the check
// fails.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { greedy, openLlama } from './llama-cpp.mjs';

const GENERATED = 64;
const MARGIN = 1e-3; // logits
const LIMIT = 1e-3; // nats
const END_OF_TEXT = '<|endoftext|>';

const here = dirname(fileURLToPath(import.meta.url));
const training = dirname(here);
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** A module of training/ under its Python; what it writes to stdout, as bytes. */
function python(args, input) {
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return execFileSync(join(training, 'cpu.sh'), args, {
    input,
    env,
    maxBuffer: 2 ** 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function tokenizeAsThePage(folder, texts) {
  const stdout = execFileSync(process.execPath, [join(training, 'files/tokens.mjs'), folder], {
    input: JSON.stringify(texts),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout).map((text) => text.ids);
}

/** PyTorch's logits for every step of every text, in the texts' order. */
function pytorchLogits(folder, texts, vocabulary) {
  const asked = texts.map(({ ids, steps }) => ({
    ids: [...ids, ...steps.map((step) => step.token)],
    from: ids.length,
  }));
  const bytes = python(['-m', 'independent.logits'], JSON.stringify({ model: folder, texts: asked }));
  const floats = new Float32Array(Uint8Array.from(bytes).buffer);
  if (floats.length !== texts.length * GENERATED * vocabulary) throw new Error(`PyTorch gave ${floats.length} logits.`);
  return texts.map((_, text) =>
    Array.from({ length: GENERATED }, (_, step) =>
      floats.subarray((text * GENERATED + step) * vocabulary, (text * GENERATED + step + 1) * vocabulary),
    ),
  );
}

const argmax = (row) => row.reduce((best, logit, id) => (logit > row[best] ? id : best), 0);

function logSumExp(row) {
  const largest = row[argmax(row)];
  return largest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

/** By how much row[id] leads every other logit. */
const lead = (row, id) =>
  row[id] - row.reduce((largest, logit, other) => (other === id ? largest : Math.max(largest, logit)), -Infinity);

/** max |difference| of log-probabilities over the vocabulary. A NaN on either side is a difference without bound. */
function logprobDifference(a, b) {
  const shift = logSumExp(a) - logSumExp(b);
  const largest = a.reduce((most, logit, id) => Math.max(most, Math.abs(logit - b[id] - shift)), 0);
  return Number.isNaN(largest) ? Infinity : largest;
}

/** One prompt's figures. `parted`: the steps at which the two largest logits are of different tokens. */
function compare({ name, ids, steps }, rows) {
  const parted = steps.flatMap(({ token }, step) => {
    const ours = argmax(rows[step]);
    return ours === token ? [] : [{ step, llama: token, pytorch: ours, margin: rows[step][ours] - rows[step][token] }];
  });
  const leads = steps.flatMap(({ token }, step) => (argmax(rows[step]) === token ? [lead(rows[step], token)] : []));
  return {
    name,
    promptTokens: ids.length,
    equal: steps.length - parted.length,
    smallestLead: Math.min(...leads),
    maxLogprobDifference: Math.max(...steps.map(({ logits }, step) => logprobDifference(logits, rows[step]))),
    parted,
  };
}

function compareTokenization(model, texts, encoded) {
  const different = texts.flatMap(({ name, text }, at) => {
    const theirs = model.tokenize(text, true);
    return theirs.length === encoded[at].length && theirs.every((id, i) => id === encoded[at][i])
      ? []
      : [{ name, page: encoded[at], llama: theirs }];
  });
  return {
    texts: texts.length,
    tokens: encoded.reduce((sum, ids) => sum + ids.length, 0),
    equal: texts.length - different.length,
    different,
  };
}

/** All prompts behind one another, over and over, as many tokens as leave room for the continuation: the positions that
 *  short prompts do not reach. */
function fullContext(prompts, separator, size) {
  const once = prompts.flatMap((prompt) => [...separator, ...prompt.ids]);
  return { name: 'full context', ids: Array.from({ length: size - GENERATED }, (_, i) => once[i % once.length]) };
}

async function check(folder) {
  const config = json(join(folder, 'config.json'));
  const { prompts } = json(join(here, 'prompts.json'));
  const texts = [...prompts, ...json(join(training, 'fixtures/golden-texts.json')).texts].map(({ name, text }) => ({
    name,
    text: text.normalize('NFC'),
  }));
  const [separator, ...encoded] = tokenizeAsThePage(folder, [END_OF_TEXT, ...texts.map(({ text }) => text)]);
  const asked = prompts.map(({ name }, at) => ({ name, ids: encoded[at] }));
  const size = config.max_position_embeddings;

  const scratch = mkdtempSync(join(tmpdir(), 'lenslet-gguf-'));
  try {
    const path = join(scratch, 'model.gguf');
    python(['-m', 'independent.gguf', '--model', folder, '--out', path]);
    const { llama, model, sequence } = await openLlama(path, size);
    const tokenization = compareTokenization(model, texts, encoded);
    const written = [];
    for (const prompt of [...asked, fullContext(asked, separator, size)])
      written.push({ ...prompt, steps: await greedy(sequence, prompt.ids, GENERATED) });
    const versions = {
      'node-llama-cpp': json(join(here, 'node_modules/node-llama-cpp/package.json')).version,
      'llama.cpp': llama.llamaCppRelease.release,
      torch: String(python(['-c', 'import torch; print(torch.__version__)'])).trim(),
      node: process.version,
    };
    await llama.dispose();

    const truth = pytorchLogits(folder, written, config.vocab_size);
    const compared = written.map((prompt, at) => compare(prompt, truth[at]));
    const parted = compared.flatMap((prompt) => prompt.parted);
    const figures = {
      tokens: compared.length * GENERATED,
      equal: compared.reduce((sum, prompt) => sum + prompt.equal, 0),
      nearTies: parted.filter(({ margin }) => margin < MARGIN).length,
      failures: parted.filter(({ margin }) => !(margin < MARGIN)).length,
      maxLogprobDifference: Math.max(...compared.map((prompt) => prompt.maxLogprobDifference)),
      logprobs: compared.length * GENERATED * config.vocab_size,
    };
    return {
      format: 'lenslet-independent-1',
      model: basename(folder),
      sha256: Object.fromEntries(
        ['model.safetensors', 'tokenizer.json'].map((name) => [name, digest(join(folder, name))]),
      ),
      versions,
      settings: { weights: 'F32', cache: 'F32', threads: 1, generated: GENERATED, margin: MARGIN, limit: LIMIT },
      passed:
        figures.failures === 0 && figures.maxLogprobDifference < LIMIT && tokenization.equal === tokenization.texts,
      ...figures,
      tokenization,
      prompts: compared,
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const { values } = parseArgs({ options: { model: { type: 'string' }, out: { type: 'string' } } });
if (!values.model)
  throw new Error('Say which model folder: node training/independent/check.mjs --model public/models/lenslet-mini');
const result = await check(resolve(values.model));
const document = `${JSON.stringify(result, null, 2)}\n`;
if (values.out) writeFileSync(values.out, document);
else process.stdout.write(document);
const { tokens, equal, nearTies, failures, maxLogprobDifference, tokenization } = result;
console.error(
  `${result.passed ? 'agrees' : 'DISAGREES'}: ${equal} of ${tokens} greedy tokens equal, ${nearTies} near ties, ${failures} failures; ` +
    `|difference of log-probability| at most ${maxLogprobDifference.toExponential(2)} nats; ${tokenization.equal} of ${tokenization.texts} texts tokenized alike`,
);
process.exitCode = result.passed ? 0 : 1;
