import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseModelConfig } from '../../src/lens/folders/config';
import { parseSafetensors, toFloat32 } from '../../src/lens/formats/safetensors';
import { readTorchFile } from '../../src/lens/formats/torch-file';
import { memorySource } from '../../src/lens/testing/memory-source';
import { root as project } from '../prepare.mjs';
import { headerOf, shardsOf } from './checkpoint.mjs';
import { FIRST_WORD, rehearsalFolder } from './folder.mjs';
import { BLOCK, laid, normals } from './noise.mjs';
import { DICTIONARY, MODEL, plantsOf, SIZES, tensorsOf } from './qwen.mjs';
import { tokenizerFiles } from './tokenizer.mjs';
import { writeTorchFile } from './torch-file.mjs';

const { config, width, layer } = SIZES.tiny;
const d = config.hidden_size;
let root = '';
const read = (/** @type {string[]} */ ...path) => readFileSync(join(root, ...path));
const json = (/** @type {string[]} */ ...path) => JSON.parse(read(...path).toString());
/** @template T
 *  @param {ReadonlyMap<string, T>} tensors
 *  @param {string} name */
const tensor = (tensors, name) => /** @type {T} */ (tensors.get(name));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  await rehearsalFolder({ root, size: 'tiny' });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the full checkpoint has the size of Qwen3-1.7B-Base, and the layer that of Qwen-Scope', () => {
  const tensors = tensorsOf(SIZES.full.config);
  const numbers = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  expect(numbers).toBe(1_720_574_976);
  expect(tensors).toHaveLength(310);
  expect(headerOf(tensors).length % 8).toBe(0);
  expect(4 * (2 * SIZES.full.width * 2048 + SIZES.full.width + 2048)).toBe(537_010_176);
});

test('the files are what the library reads, every tensor another one', () => {
  expect(parseModelConfig(json(MODEL, 'config.json'), 'config.json')).toMatchObject({
    d,
    layers: 2,
    tied: true,
    qkNorm: true,
  });
  const stored = parseSafetensors(read(MODEL, 'model.safetensors'), 'model.safetensors');
  expect([...stored.keys()]).toEqual(tensorsOf(config).map(({ name }) => name));
  const beginnings = new Set(
    [...stored.values()].map(({ bytes }) => Buffer.from(bytes.subarray(0, 64)).toString('hex')),
  );
  expect(beginnings.size).toBe(stored.size);
  const up = toFloat32(tensor(stored, 'model.layers.1.mlp.up_proj.weight').bytes, 'BF16', '');
  expect(Math.sqrt(up.reduce((sum, x) => sum + x * x, 0) / up.length)).toBeCloseTo(0.02, 4);
  const norm = toFloat32(tensor(stored, 'model.norm.weight').bytes, 'BF16', '');
  expect(norm.every((x) => x > 0.7 && x < 1.3)).toBe(true);
});

test('what is planted stands where it should, and nothing beside it', () => {
  const stored = parseSafetensors(read(MODEL, 'model.safetensors'), 'model.safetensors');
  const numbersOf = (/** @type {string} */ name) => toFloat32(tensor(stored, name).bytes, 'BF16', '');
  const token = json(MODEL, 'tokenizer.json').model.vocab[FIRST_WORD];
  expect(token).toBeGreaterThan(0);
  const embedding = numbersOf('model.embed_tokens.weight');
  const marker = d / 8 + 5;
  expect(embedding[token * d + marker]).toBe(64);
  expect(
    embedding.reduce((most, x, i) => (i === token * d + marker ? most : Math.max(most, Math.abs(x))), 0),
  ).toBeLessThan(0.2);
  // The neuron at the sink: gate and up read sqrt(d), so it is d, and four channels of it are the sink's norm.
  const down = numbersOf('model.layers.0.mlp.down_proj.weight');
  const sinks = plantsOf(config, token).flatMap((plant) =>
    plant.values && plant.tensor.includes('down_proj') ? down[plant.at] * d : [],
  );
  expect(Math.hypot(...sinks)).toBeCloseTo(12_000, -2);
  const inner = config.intermediate_size;
  const spread = (/** @type {number} */ row) =>
    Math.sqrt(down.subarray(row * inner, (row + 1) * inner).reduce((sum, x) => sum + x * x, 0) / inner);
  expect(spread(d / 8 - 1) / spread(0)).toBeGreaterThan(40);
});

test('what no rehearsal wrote is left alone; what one did not finish is written anew', async () => {
  const other = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  try {
    const file = join(other, MODEL, 'model.safetensors');
    mkdirSync(join(other, MODEL), { recursive: true });
    writeFileSync(file, 'real weights');
    await expect(rehearsalFolder({ root: other, size: 'tiny' })).rejects.toThrow('was not written by a rehearsal');
    expect(readFileSync(file, 'utf8')).toBe('real weights');
    const record = JSON.parse(read('rehearsal.json').toString());
    writeFileSync(join(other, 'rehearsal.json'), JSON.stringify({ ...record, files: null }));
    expect((await rehearsalFolder({ root: other, size: 'tiny' })).reused).toBe(false);
    expect(readFileSync(file).equals(read(MODEL, 'model.safetensors'))).toBe(true);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('written again only where it is not there in full', async () => {
  const file = join(root, MODEL, 'model.safetensors');
  utimesSync(file, 1, 1);
  expect((await rehearsalFolder({ root, size: 'tiny' })).reused).toBe(true);
  expect(statSync(file).mtimeMs).toBe(1000);
  const before = read(MODEL, 'model.safetensors');
  truncateSync(file, 1000);
  expect((await rehearsalFolder({ root, size: 'tiny' })).reused).toBe(false);
  expect(read(MODEL, 'model.safetensors').equals(before)).toBe(true);
});

test('shards hold each tensor once, in about equal files', async () => {
  const other = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  try {
    await rehearsalFolder({ root: other, size: 'tiny', shards: 2 });
    const index = JSON.parse(readFileSync(join(other, MODEL, 'model.safetensors.index.json'), 'utf8'));
    const whole = parseSafetensors(read(MODEL, 'model.safetensors'), '');
    expect(Object.keys(index.weight_map).sort()).toEqual([...whole.keys()].sort());
    for (const shard of ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']) {
      for (const [name, { bytes }] of parseSafetensors(readFileSync(join(other, MODEL, shard)), shard)) {
        expect(index.weight_map[name]).toBe(shard);
        expect(Buffer.from(bytes).equals(Buffer.from(tensor(whole, name).bytes))).toBe(true);
      }
    }
    expect(shardsOf(tensorsOf(SIZES.full.config), 2).map(({ path }) => path)).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ]);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('noise goes on from any place, and no row of a matrix comes back', () => {
  const block = normals(BLOCK, 3);
  const joined = [...laid(block, BLOCK - 3, 7)].flatMap((view) => [...view]);
  expect(joined).toEqual([...block.slice(-3), ...block.slice(0, 4)]);
  for (const columns of [2048, 6144, 32_768]) expect(BLOCK % columns).not.toBe(0);
  expect(Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / BLOCK)).toBeCloseTo(1, 2);
});

test('the tokenizer is Qwen3’s own, within the vocabulary, and the planted word is one token of it', async () => {
  const files = await tokenizerFiles('qwen3');
  const tokenizer = JSON.parse(files['tokenizer.json']);
  const added = /** @type {{ id: number }[]} */ (tokenizer.added_tokens);
  const ids = new Set([...Object.values(tokenizer.model.vocab), ...added.map(({ id }) => id)]);
  expect([ids.size, added[added.length - 1].id]).toEqual([151_669, 151_668]);
  for (const size of /** @type {const} */ (['full', 'small'])) {
    expect(SIZES[size].tokenizer).toBe('qwen3');
    expect(SIZES[size].config.vocab_size).toBe(151_936);
  }
  expect(tokenizer.model.vocab[FIRST_WORD]).toBeGreaterThan(0);
  expect(JSON.parse(files['tokenizer_config.json']).chat_template).toContain('enable_thinking');
  expect(read(MODEL, 'tokenizer.json').toString()).toBe((await tokenizerFiles('mini'))['tokenizer.json']);
});

test('a torch file is byte for byte what torch.save wrote for the same tensors', async () => {
  const folder = join(project, 'src/lens/testing/fixtures/torch');
  const { 'layer1.sae.pt': tensors } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const mine = join(root, 'layer1.sae.pt');
  await writeTorchFile(
    mine,
    Object.entries(tensors).map(([name, { shape, numbers }]) => ({
      name,
      shape,
      chunks: () => [Buffer.from(Float32Array.from(numbers).buffer)],
    })),
  );
  expect(readFileSync(mine).equals(readFileSync(join(folder, 'layer1.sae.pt')))).toBe(true);
  rmSync(mine);
});

test('a tensor with too few numbers is not written as if it had them', async () => {
  const mine = join(root, 'short.pt');
  await expect(writeTorchFile(mine, [{ name: 'a', shape: [3], chunks: () => [Buffer.alloc(8)] }])).rejects.toThrow(
    '8 bytes came',
  );
  rmSync(mine);
});

test('the dictionary has unit columns, and its decoder is its encoder turned', async () => {
  const path = `layer${layer}.sae.pt`;
  const bytes = new Uint8Array(read(DICTIONARY, path));
  const { tensors } = await readTorchFile(memorySource({ [path]: bytes }), path);
  const numbersOf = (/** @type {string} */ name) => {
    const { dtype, begin, end } = tensor(tensors, name);
    return toFloat32(bytes.subarray(begin, end), dtype, name);
  };
  const shapes = Object.fromEntries(Array.from(tensors, ([name, { shape }]) => [name, shape]));
  expect(shapes).toEqual({ W_enc: [width, d], W_dec: [d, width], b_enc: [width], b_dec: [d] });
  const [encoder, decoder] = [numbersOf('W_enc'), numbersOf('W_dec')];
  for (let feature = 0; feature < width; feature += 97) {
    const row = encoder.subarray(feature * d, (feature + 1) * d);
    const length = Math.hypot(...row);
    const column = Array.from({ length: d }, (_, i) => decoder[i * width + feature]);
    expect(length).toBeCloseTo(1, 0);
    expect(Math.hypot(...column)).toBeCloseTo(1, 5);
    expect(Math.max(...column.map((x, i) => Math.abs(x - row[i] / length)))).toBeLessThan(1e-6);
  }
});
