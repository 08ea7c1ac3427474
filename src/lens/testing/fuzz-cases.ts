import { readFileSync } from 'node:fs';
import { parseRecipe, writeRecipe } from '../exchange/recipe-file';
import { openConfig } from '../folders/config';
import { readDictionaryFile } from '../folders/dictionary-list';
import { parseNlaMeta } from '../folders/nla-meta';
import { parsePickle } from '../formats/pickle';
import { parseSafetensors } from '../formats/safetensors';
import { readTensorTable } from '../formats/tensor-table';
import { readTorchFile } from '../formats/torch-file';
import { openTorchZip } from '../formats/torch-zip';
import { rotaryTables } from '../graph/rope';
import { GEMMA3, json, LLAMA, NLA_META, pack, QWEN3, SAE } from './fixtures';
import { check, type FuzzCase, oneOf, pick } from './fuzz-case';
import { DICTIONARY_CASES } from './fuzz-dictionaries';
import { memoryFolder } from './memory-folder';
import { memorySource } from './memory-source';
import { mutate, nestedEach } from './mutate';
import { joined, le, pickleOf, TensorSpec, torchOf, zipOf } from './torch-file';

const fixture = (name: string) => new Uint8Array(readFileSync(`src/lens/testing/fixtures/${name}`));
const HEADER = {
  __metadata__: { format: 'pt' },
  'model.embed_tokens.weight': { dtype: 'BF16', shape: [2, 2], data_offsets: [0, 8] },
  'model.norm.weight': { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
  词: { dtype: 'F16', shape: [0, 5], data_offsets: [16, 16] },
};

const withLength = (header: Uint8Array) => joined(le(header.length, 8), header, new Uint8Array(16));
const SAFETENSORS = [withLength(json(HEADER)), pack({ a: { shape: [1], data: Float32Array.of(1) } })];

/** What both readers of safetensors say must be the same: one has the file in memory, one reads its header by range. */
const safetensorsCase: FuzzCase = {
  // Half of the damage is to the header alone, and the length before it is right.
  make: (random) => (random() < 0.5 ? withLength(mutate(json(HEADER), random)) : oneOf(SAFETENSORS)(random)),
  nested: nestedEach(json(HEADER)).map(withLength),
  async read(bytes) {
    const source = memorySource({ 'model.safetensors': bytes });
    const [table, whole] = await Promise.allSettled([
      readTensorTable(source),
      Promise.resolve().then(() => parseSafetensors(bytes, 'model.safetensors')),
    ]);
    if (table.status !== whole.status)
      throw new Error('One reader takes what the other refuses', { cause: [table, whole] });
    if (table.status === 'rejected') throw table.reason;
    for (const [name, place] of table.value.tensors) {
      check(place, bytes.length);
      const stored = whole.status === 'fulfilled' ? whole.value.get(name) : undefined;
      if (
        stored?.bytes.byteOffset !== bytes.byteOffset + place.begin ||
        stored.bytes.length !== place.end - place.begin
      )
        throw new Error(`${name} is in two places`);
    }
  },
};

const ZIPS = [
  zipOf([
    { name: 'a/data.pkl', bytes: pickleOf({ a: 1 }) },
    { name: 'a/data/0', bytes: new Uint8Array(40) },
    { name: 'a/version', bytes: Uint8Array.of(51, 10) },
  ]),
  zipOf([{ name: 'a/data.pkl', bytes: new Uint8Array(3) }], { zip64: false }),
  zipOf([{ name: 'a/data.pkl', bytes: new Uint8Array(3), wide: true }]),
  fixture('torch/protocol4.pt'),
];

const zipCase: FuzzCase = {
  make: oneOf(ZIPS),
  async read(bytes) {
    const zip = await openTorchZip(memorySource({ f: bytes }), { path: 'f', size: bytes.length, sha256: null });
    const places: { begin: number; end: number }[] = [];
    for (const [name, size] of zip.entries) {
      const place = await zip.locate(name);
      check({ dtype: 'U8', shape: [size], ...place }, bytes.length);
      places.push(place);
      await zip.read(name, bytes.length);
    }
    places.sort((a, b) => a.begin - b.begin);
    for (let i = 1; i < places.length; i++)
      if (places[i]!.begin < places[i - 1]!.end) throw new Error('Two entries share bytes');
  },
};

/** The pickle of a file that torch.save wrote. */
function pickleIn(file: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(file);
  const begin = text.indexOf('\x80', text.indexOf('data.pkl'));
  return file.slice(begin, text.indexOf('PK\x07\x08', begin));
}

const PICKLES = [
  pickleOf({ a: new TensorSpec('0', [2, 2]), b: { c: 'd', e: 2 ** 40 } }),
  ...['layer1.sae.pt', 'views.pt', 'protocol4.pt', 'calls.pt'].map((name) => pickleIn(fixture(`torch/${name}`))),
];

const pickleCase: FuzzCase = {
  make: oneOf(PICKLES),
  async read(bytes) {
    parsePickle(bytes, 'f');
  },
};

const DICTIONARY = {
  W_enc: new TensorSpec('0', [3, 8]),
  W_dec: new TensorSpec('1', [8, 3]),
  b_enc: new TensorSpec('2', [3]),
  b_dec: new TensorSpec('3', [8]),
};
const STORAGES = { 0: new Uint8Array(96), 1: new Uint8Array(96), 2: new Uint8Array(12), 3: new Uint8Array(32) };
const TORCH = [
  torchOf(DICTIONARY, STORAGES),
  fixture('torch/layer1.sae.pt'),
  fixture('torch/layer2.sae.pt'),
  fixture('torch/views.pt'),
];

/** A dictionary's file from end to end: half of the damage is to the pickle alone, in a zip that is whole. */
const torchCase: FuzzCase = {
  make(random) {
    if (random() < 0.5) return oneOf(TORCH)(random);
    const data = Object.entries(STORAGES).map(([key, bytes]) => ({ name: `a/data/${key}`, bytes }));
    return zipOf([{ name: 'a/data.pkl', bytes: mutate(pickleOf(DICTIONARY), random, pick(PICKLES, random)) }, ...data]);
  },
  async read(bytes) {
    const source = memorySource({ 'layer1.sae.pt': bytes }, { name: 'SAE-L0_2' });
    for (const tensor of (await readTorchFile(source, 'layer1.sae.pt')).tensors.values()) check(tensor, bytes.length);
    const { d, width, k, tensors } = await readDictionaryFile(source, 1, { d: 8, layers: 4 });
    for (const tensor of Object.values(tensors)) check(tensor, bytes.length);
    const sizes = Object.values(tensors).map(({ shape }) => shape.reduce((product, n) => product * n, 1));
    if (k > width || `${sizes}` !== `${[d * width, d * width, width, d]}`)
      throw new Error(`A dictionary of ${width} features has ${sizes} numbers`);
  },
};

const SHARD = {
  'm-1.safetensors': pack({ a: { shape: [1], data: Float32Array.of(1) } }),
  'm-2.safetensors': pack({ b: { shape: [1], data: Float32Array.of(1) } }),
};
const INDICES = [
  json({ metadata: { total_size: 8 }, weight_map: { a: 'm-1.safetensors', b: 'm-2.safetensors' } }),
  json({ weight_map: { a: 'm-1.safetensors' } }),
];

const indexCase: FuzzCase = {
  make: oneOf(INDICES),
  nested: INDICES.flatMap(nestedEach),
  beside: 200,
  async read(bytes) {
    const source = memorySource({ 'model.safetensors.index.json': bytes, ...SHARD });
    const { files, tensors } = await readTensorTable(source);
    for (const place of tensors.values()) check(place, files.find(({ path }) => path === place.file)?.size ?? 0);
  },
};

const ROPE = { ...LLAMA.rope_scaling, rope_theta: LLAMA.rope_theta };
const CONFIGS = [
  json(QWEN3),
  json({ ...QWEN3, rope_scaling: null, head_dim: undefined, eos_token_id: [1, 2], layer_types: ['full_attention'] }),
  json(LLAMA),
  json(GEMMA3),
  json({ ...LLAMA, rope_theta: undefined, rope_scaling: undefined, rope_parameters: ROPE }),
];

const configCase: FuzzCase = {
  make: oneOf(CONFIGS),
  nested: CONFIGS.flatMap(nestedEach),
  async read(bytes) {
    const { d, layers, heads, kvHeads, headDim, eos, vocabularySize, attention } = await openConfig(
      memoryFolder('m', { 'config.json': bytes }),
    );
    for (const size of [d, layers, heads, kvHeads, headDim])
      if (!(Number.isInteger(size) && size > 0)) throw new Error(`A size is ${size}`);
    for (const id of eos)
      if (!(Number.isInteger(id) && id >= 0 && id < vocabularySize)) throw new Error(`An id is ${id}`);
    for (const { rope } of attention)
      for (const table of Object.values(rotaryTables(2, headDim, rope)))
        if (!table.every(Number.isFinite)) throw new Error('A frequency is not finite');
  },
};

const SAE_WEIGHTS = pack({
  W_enc: { shape: [3, 4], data: new Float32Array(12) },
  b_enc: { shape: [4], data: new Float32Array(4) },
  W_dec: { shape: [4, 3], data: new Float32Array(12) },
  b_dec: { shape: [3], data: new Float32Array(3) },
});

const SAES = [json(SAE), json({ ...SAE, metadata: undefined, dtype: 'bfloat16', rescale_acts_by_decoder_norm: false })];

const saeCase: FuzzCase = {
  make: oneOf(SAES),
  nested: SAES.flatMap(nestedEach),
  beside: SAE_WEIGHTS.length,
  async read(bytes) {
    const source = memorySource({ 'cfg.json': bytes, 'sae_weights.safetensors': SAE_WEIGHTS });
    const { width, k, tensors } = await readDictionaryFile(source, 3, { d: 3, layers: 6 });
    for (const tensor of Object.values(tensors)) check(tensor, SAE_WEIGHTS.length);
    if (!(k >= 1 && k <= width)) throw new Error(`k is ${k}`);
  },
};

const METAS = [json(NLA_META), fixture('tiny-nla/av/nla_meta.yaml'), fixture('tiny-nla/ar/nla_meta.yaml')];

const metaCase: FuzzCase = {
  make: oneOf(METAS),
  nested: METAS.flatMap(nestedEach),
  // yaml keeps an Error for every wrong character, until its 32 KiB are through.
  heapPerByte: 3000,
  async read(bytes) {
    const { d, layer, suffix } = parseNlaMeta(bytes, 'f');
    for (const size of [d, layer, ...(suffix ?? [])])
      if (!(Number.isInteger(size) && size >= 0)) throw new Error(`A number is ${size}`);
  },
};

const RECIPES = ['all-fields', 'steering'].map(
  (name) => new Uint8Array(readFileSync(`fixtures/kept/1/${name}.recipe.json`)),
);

const recipeCase: FuzzCase = {
  make: oneOf(RECIPES),
  nested: RECIPES.flatMap(nestedEach),
  // A number of a vector is two bytes of text at least, and four in memory.
  beside: 1 << 18,
  async read(bytes) {
    const recipe = parseRecipe(new TextDecoder().decode(bytes));
    const { edits } = parseRecipe(writeRecipe(recipe));
    if (edits.length !== recipe.edits.length) throw new Error('What was read cannot be written');
  },
};

export const FUZZ_CASES: Readonly<Record<string, FuzzCase>> = {
  safetensors: safetensorsCase,
  index: indexCase,
  zip: zipCase,
  pickle: pickleCase,
  torch: torchCase,
  config: configCase,
  sae: saeCase,
  ...DICTIONARY_CASES,
  meta: metaCase,
  recipe: recipeCase,
};
