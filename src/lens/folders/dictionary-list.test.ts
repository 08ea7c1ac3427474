import { describe, expect, test } from 'vitest';
import {
  AccessDeniedError,
  AmbiguousDictionaryError,
  errorFromData,
  errorToData,
  MissingFileError,
  UnsupportedModelError,
} from '../api/errors';
import { json, pack, SAE } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { npzOf, zeros } from '../testing/npz';
import {
  entryOf,
  isIn,
  layersOf,
  listDictionaries,
  noticesOfLeft,
  ownEntries,
  readDictionaryFile,
} from './dictionary-list';

const MODEL = { d: 3, layers: 20 };
const WEIGHTS = pack({
  W_enc: { shape: [3, 4], data: new Float32Array(12) },
  b_enc: { shape: [4], data: new Float32Array(4) },
  W_dec: { shape: [4, 3], data: new Float32Array(12) },
  b_dec: { shape: [3], data: new Float32Array(3) },
});
const cfg = (layer: number, more: object = {}) =>
  json({ ...SAE, hook_name: `blocks.${layer}.hook_resid_post`, hook_layer: undefined, metadata: undefined, ...more });
const folder = (path: string, config: Uint8Array) => ({
  [`${path}/cfg.json`]: config,
  [`${path}/sae_weights.safetensors`]: WEIGHTS,
});
const params = npzOf({
  ...{ W_enc: zeros('<f4', [3, 4]), W_dec: zeros('<f4', [4, 3], true), b_enc: zeros('<f4', [4]) },
  ...{ b_dec: zeros('<f4', [3]), threshold: zeros('<f4', [4]) },
});

test('a configuration that could not be fetched fails the listing: it is no folder without a dictionary', async () => {
  const source = memorySource({ ...folder('a', cfg(5)), ...folder('b', cfg(5)) });
  const tryRead: typeof source.tryRead = async (path, options) => {
    if (path === 'b/cfg.json') throw new MissingFileError('b/cfg.json could not be fetched.');
    return source.tryRead(path, options);
  };
  await expect(listDictionaries({ ...source, tryRead })).rejects.toThrow(MissingFileError);
});

describe('several forms in one source', () => {
  const files = {
    ...folder('b', cfg(5)),
    ...folder('a', cfg(5, { architecture: 'jumprelu', k: undefined })),
    'layer5.sae.pt': new Uint8Array(1),
    'layers.7/cfg.json': json({ d_in: 3, num_latents: 4, k: 2 }),
    'layers.7/sae.safetensors': new Uint8Array(1),
    'run/trainer_0/config.json': json({
      trainer: { dict_class: 'AutoEncoder', activation_dim: 3, dict_size: 4, layer: 8 },
    }),
    'run/trainer_0/ae.pt': new Uint8Array(1),
    'layer_9/width_4/average_l0_71/params.npz': params,
    'resid_post/layer_3_width_16k_l0_big/params.safetensors': new Uint8Array(1),
    'config.json': json({ model_type: 'qwen3' }),
  };

  test('each is an entry, with what names and configurations tell', async () => {
    const { entries, left } = await listDictionaries(memorySource(files, { name: 'mine' }));
    expect(left).toEqual([]);
    expect(
      entries.map(({ layer, form, about, width, activation }) => [layer, form, about.folder, width, activation]),
    ).toEqual([
      [3, 'gemma-scope-2', 'resid_post/layer_3_width_16k_l0_big', null, 'threshold'],
      [5, 'qwen-scope', '', null, 'topk'],
      [5, 'saelens', 'a', 4, 'threshold'],
      [5, 'saelens', 'b', 4, 'topk'],
      [7, 'sparsify', 'layers.7', 4, 'topk'],
      [8, 'dictionary-learning', 'run/trainer_0', 4, 'threshold'],
      [9, 'gemma-scope', 'layer_9/width_4/average_l0_71', null, 'threshold'],
    ]);
    expect(entries.at(-1)?.about.l0).toBe(71);
  });

  test('a layer with several names them all, as plain data; a folder chooses', async () => {
    const source = memorySource(files, { name: 'mine' });
    const error = await readDictionaryFile(source, 5, MODEL).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AmbiguousDictionaryError);
    const back = errorFromData(structuredClone(errorToData(error))) as AmbiguousDictionaryError;
    expect(back).toBeInstanceOf(AmbiguousDictionaryError);
    expect(back.message).toContain('3 dictionaries of layer 5, in its own folder, a, b');
    expect(back.fields.says).toBe('mine has 3 dictionaries of layer 5. Choose one.');
    const choices = back.fields.choices as { layer: number; file?: string; about: { folder: string } }[];
    expect(choices.flatMap(({ file }) => file ?? [])).toEqual(['layer5.sae.pt']);
    expect(choices.flatMap(({ layer, about }) => (layer === 5 ? [about.folder] : []))).toEqual(['', 'a', 'b']);
    expect((await readDictionaryFile(source, 5, { ...MODEL, folders: ['b/'] })).file.path).toBe(
      'b/sae_weights.safetensors',
    );
    const nine = await readDictionaryFile(source, 9, { ...MODEL, folders: ['layer_9/width_4'] });
    expect([nine.width, nine.k, nine.tensors.decoder.transposed]).toEqual([4, 4, true]);
  });

  test('an address cannot be listed, and is asked for its own folder and those that are named', async () => {
    const named = { ...files, ...folder('sae/x', cfg(2)), 'sae/index.json': json(['x']) };
    const source = memorySource(named, { listed: false });
    const layers = async (folders?: string[]) =>
      layersOf((await listDictionaries(source, { layers: 8, folders })).entries);
    expect(await layers()).toEqual([2, 5]);
    expect(await layers(['b'])).toEqual([5]);
    expect(await layers(['run/trainer_0', 'layers.7', 'layer_9/width_4/average_l0_71'])).toEqual([7, 8, 9]);
    expect(await layers(['resid_post/layer_3_width_16k_l0_big'])).toEqual([3]);
    expect(await layers(['sae'])).toEqual([2]);
  });

  test('files of layers by their other spelling, where nothing else is there', async () => {
    const flat = { 'layer_02.pt': new Uint8Array(1), 'layer_11.pt': new Uint8Array(1) };
    const layers = async (files: Record<string, Uint8Array>) =>
      layersOf((await listDictionaries(memorySource(files, { listed: false }))).entries);
    expect(await layers(flat)).toEqual([2, 11]);
    for (const name of ['layer_5.pt', 'layer5.pt', 'layer05.pt'])
      expect(await layers({ [name]: new Uint8Array(1) }), name).toEqual([5]);
  });
});

describe('what cannot be read', () => {
  const bad = {
    ...folder('gate', cfg(1, { architecture: 'temporal' })),
    ...folder('empty', json({})),
    ...folder('text', new TextEncoder().encode('no json')),
  };

  test('is left out with the reason, and hides nothing', async () => {
    const { entries, left } = await listDictionaries(memorySource({ ...bad, ...folder('good', cfg(4)) }));
    expect(layersOf(entries)).toEqual([4]);
    expect(left.map(({ folder: of, error }) => [of, error.message])).toEqual([
      ['empty', expect.stringMatching(/"architecture" must say.*but is missing/)],
      ['gate', expect.stringContaining('earlier tokens')],
      ['text', expect.stringContaining('text/cfg.json is not JSON')],
    ]);
    expect(noticesOfLeft([...left, ...left])).toEqual([
      ...left.map(({ error }) => `Left out: ${error.message}`),
      'Left out: 3 more folders that hold no dictionary of this kind.',
    ]);
  });

  test('a configuration of another library beside its weights: listed or not, it is not read', async () => {
    const config = json({
      ...{ architecture: 'jumprelu', apply_b_dec_to_input: false, num_latents: 6, d_in: 8, k: 2 },
      hook_name: 'blocks.1.hook_resid_post',
    });
    const files = { 'layers.1/cfg.json': config, 'layers.1/sae.safetensors': new Uint8Array(1) };
    const { entries, left } = await listDictionaries(memorySource(files));
    expect(entries).toEqual([]);
    expect(left[0]?.error.message).toMatch(/layers\.1\/cfg\.json is not the configuration.*sae\.safetensors/);
    const byAddress = memorySource(files, { listed: false });
    expect((await listDictionaries(byAddress, { folders: ['layers.1'] })).entries).toEqual([]);
  });

  test('is the reason where it is all that is there', async () => {
    const source = memorySource(folder('gate', cfg(1, { architecture: 'temporal' })));
    await expect(readDictionaryFile(source, 1, MODEL)).rejects.toThrow(/earlier tokens/);
    const list = await listDictionaries(memorySource({ ...bad, ...folder('good', cfg(4)) }));
    expect(() => entryOf(source, list, 1)).toThrow(/no dictionary of layer 1. Layers: 4/);
  });

  test('of a model folder leaves the others, and the model opens', async () => {
    const source = memorySource({
      ...folder('sae/gate', cfg(1, { architecture: 'temporal' })),
      ...folder('sae/good', cfg(4)),
      'sae/index.json': json(['gate', 'gone', 'good']),
    });
    const { entries, left } = await ownEntries(source);
    expect(layersOf(entries)).toEqual([4]);
    expect(left.map(({ folder: of }) => of)).toEqual(['sae/gate', 'sae/gone']);
  });

  test('of a model folder without an index are those in sae/, where it can be listed', async () => {
    const files = {
      ...folder('sae/gate', cfg(1, { architecture: 'temporal' })),
      ...folder('sae/good', cfg(4)),
      ...folder('elsewhere', cfg(5)),
    };
    const { entries, left } = await ownEntries(memorySource(files));
    expect([layersOf(entries), left.map(({ folder: of }) => of)]).toEqual([[4], ['sae/gate']]);
    const none = { entries: [], left: [] };
    expect(await ownEntries(memorySource(files, { listed: false }))).toEqual(none);
    expect(await ownEntries(memorySource({ ...files, 'sae/index.json': json([]) }))).toEqual(none);
  });

  test('a way that is barred is no fault of a folder', async () => {
    const source = memorySource(folder('a', cfg(1)));
    const barred = { ...source, tryRead: () => Promise.reject(new AccessDeniedError('401')) };
    await expect(listDictionaries(barred)).rejects.toThrow(AccessDeniedError);
  });

  test('more folders than can be looked through', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 501 }, (_, i) => Object.entries(folder(`f${i}`, cfg(1)))).flat(),
    );
    await expect(listDictionaries(memorySource(many))).rejects.toThrow(UnsupportedModelError);
    expect((await listDictionaries(memorySource(many), { folders: ['f7'] })).entries).toHaveLength(1);
  });
});

test('a folder is asked for by its name, with all that lies in it', () => {
  expect(isIn('a/b/', undefined)).toBe(true);
  expect(['a', 'a/', './a/b', 'a/b/'].map((name) => isIn('a/b/', [name]))).toEqual([true, true, true, true]);
  expect(['', 'a/bc', 'b', 'a/b/c'].map((name) => isIn('a/b/', [name]))).toEqual([false, false, false, false]);
  expect([isIn('', ['']), isIn('', ['a'])]).toEqual([true, false]);
});
