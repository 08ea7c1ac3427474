import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AbortedError, MissingFileError } from '../api/errors';
import { fileFolder } from './disk';
import type { Folder } from './folder';

let root: string;
let folder: Folder;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lenslet-folder-'));
  await mkdir(join(root, 'model/sae'), { recursive: true });
  await writeFile(join(root, 'model/sae/a.bin'), Uint8Array.of(1, 2, 3, 4, 5));
  await writeFile(join(root, 'outside'), 'no');
  folder = fileFolder(join(root, 'model'));
});
afterAll(() => rm(root, { recursive: true }));

test('gives whole files with their length', async () => {
  const steps: number[][] = [];
  expect(await folder.read('sae/a.bin', { onBytes: (...s) => steps.push(s) })).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  expect(steps).toEqual([[5, 5]]);
});

test('gives parts: those asked for, fewer at the end, none behind it', async () => {
  const part = async (begin: number, end: number) => (await folder.tryReadPart('sae/a.bin', begin, end))!;
  expect(await part(1, 3)).toEqual({ bytes: Uint8Array.of(2, 3), begin: 1, size: 5 });
  expect(await part(3, 100)).toEqual({ bytes: Uint8Array.of(4, 5), begin: 3, size: 5 });
  expect(await part(7, 9)).toEqual({ bytes: new Uint8Array(0), begin: 7, size: 5 });
});

test('a file that is not there is null, or by name a MissingFileError', async () => {
  expect(await folder.tryRead('b.bin')).toBeNull();
  expect(await folder.tryRead('sae/a.bin/c')).toBeNull();
  expect(await folder.tryReadPart('b.bin', 0, 1)).toBeNull();
  await expect(folder.read('b.bin')).rejects.toThrow(MissingFileError);
  await expect(folder.tryRead('sae')).rejects.toThrow(MissingFileError);
});

test.each(['../outside', 'sae/../../outside', 'sae\\..\\..\\outside', '/etc/hostname'])(
  '%s is outside and refused',
  async (path) => {
    await expect(folder.tryRead(path)).rejects.toThrow(/is outside/);
    await expect(folder.tryReadPart(path, 0, 1)).rejects.toThrow(MissingFileError);
  },
);

test('stops by its signal', async () => {
  await expect(folder.tryRead('sae/a.bin', { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
});
