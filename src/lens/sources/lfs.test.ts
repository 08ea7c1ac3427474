import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorFromData, errorToData, LfsPointerError } from '../api/errors';
import { openTokenizer } from '../engine/tokenizer-files';
import { openConfig } from '../folders/config';
import { openNlaIndex } from '../folders/nla-controls';
import { readTensorTable } from '../formats/tensor-table';
import { readTorchFile } from '../formats/torch-file';
import { readAll } from '../testing/hub';
import { memorySource } from '../testing/memory-source';
import { fileFolder } from './disk';
import { heldSource } from './held';
import { pickedSource } from './picked';
import { sourceOfFolder, subfolder } from './reads';
import type { Source } from './source';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 1234567\n`;
const bytes = new TextEncoder().encode(POINTER);
const NAMES = ['model.safetensors', 'tokenizer.json', 'config.json', 'nla/index.json', 'layer2.sae.pt'];
const files = Object.fromEntries(NAMES.map((name) => [name, bytes]));
const folder = memorySource(files, { name: 'm' });

const READERS: [string, (source: Source) => Promise<unknown>][] = [
  ['weights', (source) => readTensorTable(source)],
  ['a configuration', (source) => openConfig(source)],
  ['a tokenizer', (source) => openTokenizer(source, { vocabularySize: 10 })],
  ['a pair’s index', (source) => openNlaIndex(source)],
  ['a torch file', (source) => readTorchFile(source, 'layer2.sae.pt')],
  ['a stream', (source) => readAll(source, 'model.safetensors', 0, bytes.length)],
];

test.each(READERS)('%s: a pointer is called one, with the command', async (_, read) => {
  const error = await read(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LfsPointerError);
  expect((error as Error).message).toMatch(/is a Git LFS pointer, .*1\.2 MB.*`git lfs pull`/);
  expect(errorFromData(errorToData(error))).toBeInstanceOf(LfsPointerError);
});

test('so in every kind of folder', async () => {
  const onDisk = await mkdtemp(join(tmpdir(), 'lfs-'));
  await writeFile(join(onDisk, 'model.safetensors'), POINTER);
  const { name, read, tryRead, tryReadPart } = folder;
  const kinds = [
    fileFolder(onDisk),
    pickedSource({ name: 'p', files: [{ path: 'model.safetensors', file: new File([POINTER], 'model.safetensors') }] }),
    heldSource(folder),
    sourceOfFolder({ name, read, tryRead, tryReadPart }),
    subfolder(memorySource({ 'a/model.safetensors': bytes }, { name: 'm' }), 'a'),
  ];
  for (const source of kinds) {
    await expect(source.read('model.safetensors')).rejects.toThrow(LfsPointerError);
    await expect(source.tryReadPart('model.safetensors', 0, 100)).rejects.toThrow(LfsPointerError);
    await expect(readAll(source, 'model.safetensors', 0, 100)).rejects.toThrow(LfsPointerError);
  }
  await rm(onDisk, { recursive: true });
});

test('a file that only mentions one is read', async () => {
  const text = new TextEncoder().encode(` ${POINTER}`);
  expect(await memorySource({ 'a.txt': text }, { name: 'm' }).read('a.txt')).toEqual(text);
});
