import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  CorruptFileError,
  InvalidOptionError,
  ShapeMismatchError,
  SiteUnavailableError,
  UnsupportedModelError,
} from '../api/errors';
import { toFloat32 } from '../formats/safetensors';
import { json, pack, SAE } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { TensorSpec, torchOf } from '../testing/torch-file';
import { layersOf, listDictionaries, readDictionaryFile } from './dictionary-list';
import type { DictionaryTensor } from './dictionary-plan';

const folder = 'src/lens/testing/fixtures/torch';
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`));
type Expected = Record<string, Record<string, { numbers: number[] }>>;
// Nine digits identify a float32.
const round = (_: string, value: unknown) => (typeof value === 'number' ? Math.fround(value) : value);
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'), round) as Expected;

const NAME = 'SAE-Res-Qwen3-1.7B-Base-W32K-L0_5';
const MODEL = { d: 8, layers: 4 };
const scope = (files: Record<string, Uint8Array>, name = NAME) => memorySource(files, { name });

/** A matrix in PyTorch's order of W_enc (width, d) and W_dec (d, width), from its bytes in the file. */
function numbers(file: Uint8Array, { begin, end, dtype, shape }: DictionaryTensor, turn: boolean): number[] {
  const stored = [...toFloat32(file.slice(begin, end), dtype, 'a')];
  const [rows = 0, columns = 0] = shape;
  expect(stored.length).toBe(shape.reduce((product, n) => product * n, 1));
  return turn ? stored.map((_, i) => stored[(i % rows) * columns + Math.floor(i / rows)]!) : stored;
}

describe("Qwen-Scope's files", () => {
  // layer1 as the cards state it, layer2 with both matrices saved as transposed views.
  test.each([
    ['layer1.sae.pt', 1, false],
    ['layer2.sae.pt', 2, true],
  ] as const)('%s: the numbers that PyTorch has, and which way they lie', async (name, layer, turned) => {
    const file = fixture(name);
    const plan = await readDictionaryFile(scope({ [name]: file }), layer, MODEL);
    expect(plan).toMatchObject({
      layer,
      d: 8,
      width: 24,
      k: 5,
      form: 'qwen-scope',
      file: { path: name, size: file.length, sha256: null },
    });
    const { encoder, decoder, encoderBias, decoderBias } = plan.tensors;
    expect([encoder.shape, encoder.transposed]).toEqual(turned ? [[8, 24], true] : [[24, 8], false]);
    expect([decoder.shape, decoder.transposed]).toEqual(turned ? [[24, 8], false] : [[8, 24], true]);
    const says = expected[name]!;
    expect(numbers(file, encoder, turned)).toEqual(says.W_enc!.numbers);
    expect(numbers(file, decoder, turned)).toEqual(says.W_dec!.numbers);
    expect(numbers(file, encoderBias, false)).toEqual(says.b_enc!.numbers);
    expect(numbers(file, decoderBias, false)).toEqual(says.b_dec!.numbers);
  });

  test('k is what the name says, or what is asked for', async () => {
    const files = { 'layer1.sae.pt': fixture('layer1.sae.pt') };
    const bare = scope(files, 'downloads');
    await expect(readDictionaryFile(bare, 1, MODEL)).rejects.toThrow(InvalidOptionError);
    await expect(readDictionaryFile(bare, 1, MODEL)).rejects.toThrow(/Say k/);
    await expect(readDictionaryFile(scope(files, 'SAE-L0_5-old'), 1, MODEL)).rejects.toThrow(/Say k/);
    expect((await readDictionaryFile(bare, 1, { ...MODEL, k: 7 })).k).toBe(7);
    await expect(readDictionaryFile(bare, 1, { ...MODEL, k: 25 })).rejects.toThrow(/from 1 to 24/);
    await expect(readDictionaryFile(scope(files), 1, { ...MODEL, k: 7 })).rejects.toThrow(/says 5/);
    const hub = { kind: 'hub', endpoint: 'https://h', repo: 'Qwen/SAE-L0_20', revision: 'a', asked: 'main' } as const;
    expect((await readDictionaryFile(memorySource(files, { origin: hub }), 1, MODEL)).k).toBe(20);
    const at = { kind: 'url', url: 'https://h/sae-W32K-L0_3/?download=1' } as const;
    expect((await readDictionaryFile(memorySource(files, { origin: at }), 1, MODEL)).k).toBe(3);
  });

  test('of another model, or of a layer that is not there', async () => {
    const source = scope({ 'layer1.sae.pt': fixture('layer1.sae.pt'), 'layer9.sae.pt': fixture('layer1.sae.pt') });
    await expect(readDictionaryFile(source, 1, { d: 16, layers: 4 })).rejects.toThrow(ShapeMismatchError);
    await expect(readDictionaryFile(source, 9, MODEL)).rejects.toThrow(ShapeMismatchError);
    await expect(readDictionaryFile(source, 2, MODEL)).rejects.toThrow(SiteUnavailableError);
  });

  const specs = {
    W_enc: new TensorSpec('0', [6, 8]),
    W_dec: new TensorSpec('1', [8, 6]),
    b_enc: new TensorSpec('2', [6]),
    b_dec: new TensorSpec('3', [8]),
  };
  const storages = { 0: new Uint8Array(192), 1: new Uint8Array(192), 2: new Uint8Array(24), 3: new Uint8Array(32) };
  const open = (more: Record<string, TensorSpec>) =>
    readDictionaryFile(scope({ 'layer1.sae.pt': torchOf({ ...specs, ...more }, storages) }), 1, MODEL);

  test('matrices that are the wrong way round, biases of another length, a tensor too many or too few', async () => {
    expect((await open({})).width).toBe(6);
    await expect(open({ W_enc: new TensorSpec('0', [8, 6]) })).rejects.toThrow(ShapeMismatchError);
    await expect(open({ W_dec: new TensorSpec('1', [6, 8]) })).rejects.toThrow(ShapeMismatchError);
    await expect(open({ b_enc: new TensorSpec('3', [8]) })).rejects.toThrow(ShapeMismatchError);
    await expect(open({ b_dec: new TensorSpec('2', [6]) })).rejects.toThrow(ShapeMismatchError);
    await expect(open({ threshold: new TensorSpec('2', [6]) })).rejects.toThrow(UnsupportedModelError);
    await expect(open({ W_enc: new TensorSpec('0', [6, 8], { type: 'IntStorage' }) })).rejects.toThrow(/stored as I32/);
    const { b_dec: _, ...three } = specs;
    const source = scope({ 'layer1.sae.pt': torchOf(three, storages) });
    await expect(readDictionaryFile(source, 1, MODEL)).rejects.toThrow(CorruptFileError);
  });

  test('tied matrices are refused, as PyTorch saves them and as a file may claim', async () => {
    await expect(readDictionaryFile(scope({ 'layer3.sae.pt': fixture('layer3.sae.pt') }), 3, MODEL)).rejects.toThrow(
      /share their numbers/,
    );
    await expect(open({ b_enc: new TensorSpec('0', [6], { count: 48, offset: 42 }) })).rejects.toThrow(
      /share their numbers/,
    );
  });
});

describe('SAELens folders', () => {
  const weights = (d = 3, width = 4) =>
    pack({
      W_enc: { shape: [d, width], data: new Float32Array(d * width) },
      b_enc: { shape: [width], data: new Float32Array(width) },
      W_dec: { dtype: 'F16', shape: [width, d], data: new Uint16Array(d * width) },
      b_dec: { shape: [d], data: new Float32Array(d) },
    });
  const at = (layer: number, k = 2) =>
    json({ ...SAE, k, hook_name: `blocks.${layer}.hook_resid_post`, hook_layer: layer, metadata: undefined });
  const model = { d: 3, layers: 6 };

  test('one folder by itself', async () => {
    const file = weights();
    const plan = await readDictionaryFile(
      memorySource({ 'cfg.json': at(3), 'sae_weights.safetensors': file }),
      3,
      model,
    );
    expect(plan).toMatchObject({
      layer: 3,
      d: 3,
      width: 4,
      k: 2,
      form: 'saelens',
      file: { path: 'sae_weights.safetensors' },
    });
    const { encoder, decoder } = plan.tensors;
    expect([encoder.dtype, encoder.shape, encoder.transposed]).toEqual(['F32', [3, 4], true]);
    expect([decoder.dtype, decoder.shape, decoder.transposed]).toEqual(['F16', [4, 3], false]);
    expect(plan.tensors.decoderBias.end).toBe(file.length);
  });

  const several = (k = 2) => ({
    'a/cfg.json': at(5, k),
    'a/sae_weights.safetensors': weights(),
    'b/cfg.json': at(1),
    'b/sae_weights.safetensors': weights(),
  });

  test('several, found by listing or by sae/index.json', async () => {
    const { entries } = await listDictionaries(memorySource({ ...several(3), 'c/cfg.json': at(2) }));
    expect(entries.map(({ layer, form, k }) => [layer, form, k])).toEqual([
      [1, 'saelens', 2],
      [5, 'saelens', 3],
    ]);
    expect((await readDictionaryFile(memorySource(several()), 5, model)).file.path).toBe('a/sae_weights.safetensors');
    const beside = Object.fromEntries(Object.entries(several()).map(([path, bytes]) => [`sae/${path}`, bytes]));
    const unlisted = memorySource({ ...beside, 'sae/index.json': json(['b', 'a']) }, { listed: false });
    expect(layersOf((await listDictionaries(unlisted)).entries)).toEqual([1, 5]);
    expect((await readDictionaryFile(unlisted, 1, model)).file.path).toBe('sae/b/sae_weights.safetensors');
  });

  test('of another model, convention, or k; two for one layer; none', async () => {
    const one = (config: Uint8Array, file = weights()) =>
      memorySource({ 'cfg.json': config, 'sae_weights.safetensors': file });
    await expect(readDictionaryFile(one(at(3)), 3, { d: 4, layers: 6 })).rejects.toThrow(ShapeMismatchError);
    await expect(readDictionaryFile(one(at(3), weights(3, 5)), 3, model)).rejects.toThrow(ShapeMismatchError);
    await expect(readDictionaryFile(one(json({ ...SAE, architecture: 'temporal' })), 3, model)).rejects.toThrow(
      UnsupportedModelError,
    );
    await expect(readDictionaryFile(one(at(3)), 3, { ...model, k: 3 })).rejects.toThrow(InvalidOptionError);
    await expect(readDictionaryFile(one(at(3)), 2, model)).rejects.toThrow(SiteUnavailableError);
    await expect(readDictionaryFile(memorySource({ ...several(), 'b/cfg.json': at(5) }), 5, model)).rejects.toThrow(
      /2 dictionaries of layer 5, in a, b/,
    );
    await expect(readDictionaryFile(memorySource({ 'cfg.json': at(3) }, { listed: false }), 3, model)).rejects.toThrow(
      SiteUnavailableError,
    );
  });
});

test('the layers of a repository, listed or asked for one by one', async () => {
  const files = {
    'layer10.sae.pt': new Uint8Array(1),
    'layer2.sae.pt': new Uint8Array(1),
    'README.md': new Uint8Array(1),
    'old/layer3.sae.pt': new Uint8Array(1),
  };
  const layers = async (...of: Parameters<typeof listDictionaries>) =>
    layersOf((await listDictionaries(...of)).entries);
  expect(await layers(scope(files))).toEqual([2, 3, 10]);
  expect(await layers(scope(files), { folders: [''] })).toEqual([2, 10]);
  const unlisted = memorySource(files, { listed: false });
  expect(await layers(unlisted)).toEqual([2, 10]);
  expect(await layers(unlisted, { layers: 4 })).toEqual([2]);
  expect(await layers(unlisted, { folders: ['old/'] })).toEqual([3]);
  expect(await layers(memorySource({}))).toEqual([]);
  expect((await listDictionaries(scope(files))).entries[0]).toMatchObject({ form: 'qwen-scope', k: 5, width: null });
});
