import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptFileError, VerbalizerMismatchError } from '../api/errors';
import { subfolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { memoryFolder } from '../testing/memory-folder';
import { checkpointBytes, openNlaHalf } from './nla-files';

const root = 'src/lens/testing/fixtures/tiny-nla';
const file = (path: string) => new Uint8Array(readFileSync(`${root}/${path}`));
const files = Object.fromEntries(
  ['av', 'ar'].flatMap((half) =>
    ['config.json', 'nla_meta.yaml'].map((name) => [`nla/${half}/${name}`, file(`${half}/${name}`)]),
  ),
);
const edited = (path: string, from: string, to: string) => {
  const text = new TextDecoder().decode(files[path]);
  expect(text).toContain(from);
  return memoryFolder('m', { ...files, [path]: new TextEncoder().encode(text.replace(from, to)) });
};
const model = { d: 32, layers: 3 };
const open = (folder: Source, role: 'av' | 'ar', of = model) =>
  openNlaHalf(subfolder(folder, `nla/${role}`), role, of, {});

test('a half that fits opens, with the layer and width it states', async () => {
  const { config, meta, folder } = await open(memoryFolder('m', files), 'ar');
  expect([config.layers, meta.layer, meta.d, folder.name]).toEqual([2, 1, 32, 'm/nla/ar']);
});

test('another width, another depth, the other half: refused by what does not fit', async () => {
  const folder = memoryFolder('m', files);
  await expect(open(folder, 'av', { d: 64, layers: 3 })).rejects.toThrow(
    /vectors of 32 numbers; this model is 64 wide/,
  );
  await expect(open(folder, 'av', { d: 32, layers: 1 })).rejects.toThrow(/of layer 1; this model's blocks are 0 to 0/);
  await expect(
    open(edited('nla/av/nla_meta.yaml', 'd_model: 32', 'd_model: 48'), 'av', { d: 48, layers: 3 }),
  ).rejects.toThrow(/32 wide/);
  await expect(openNlaHalf(subfolder(folder, 'nla/av'), 'ar', model, {})).rejects.toThrow(VerbalizerMismatchError);
  // If a file counts layers from another end, the number of blocks reveals it.
  await expect(open(edited('nla/ar/nla_meta.yaml', 'layer_index: 1', 'layer_index: 2'), 'ar')).rejects.toThrow(
    /has 2 blocks; one of layer 2 ends behind block 2, with 3/,
  );
  await expect(open(edited('nla/ar/nla_meta.yaml', 'layer_index: 1', 'layer_index: 0'), 'ar')).rejects.toThrow(
    VerbalizerMismatchError,
  );
});

test('a missing file is named with the folder it is missing from', async () => {
  await expect(
    open(memoryFolder('m', { 'nla/av/nla_meta.yaml': files['nla/av/nla_meta.yaml']! }), 'av'),
  ).rejects.toThrow(/config\.json/);
});

test('a checkpoint’s size is the file’s, or that of its shards', async () => {
  const single = memoryFolder('m', { 'av/model.safetensors': new Uint8Array(777) });
  expect(await checkpointBytes(subfolder(single, 'av'))).toBe(777);
  const index = (json: string) =>
    memoryFolder('m', {
      'model.safetensors.index.json': new TextEncoder().encode(json),
      'a.safetensors': new Uint8Array(1000),
      'b.safetensors': new Uint8Array(234),
    });
  const shards = '"x":"a.safetensors","y":"b.safetensors","z":"a.safetensors"';
  expect(await checkpointBytes(index(`{"metadata":{"total_size":9},"weight_map":{${shards}}}`))).toBe(1234);
  expect(await checkpointBytes(index('{"weight_map":{}}'))).toBe(0);
  await expect(checkpointBytes(index('{'))).rejects.toThrow(CorruptFileError);
  expect(await checkpointBytes(memoryFolder('m', {}))).toBe(0);
});
