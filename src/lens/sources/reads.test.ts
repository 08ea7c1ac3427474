import { describe, expect, test } from 'vitest';
import { AbortedError, CorruptFileError, MissingFileError } from '../api/errors';
import { readAll } from '../testing/hub';
import { memoryFolder } from '../testing/memory-folder';
import { memorySource } from '../testing/memory-source';
import type { Folder } from './folder';
import { sourceOfFolder, subfolder } from './reads';

const FILES = { 'sae/cfg.json': Uint8Array.of(1, 2, 3), 'a.bin': Uint8Array.from({ length: 100 }, (_, i) => i) };

describe('a folder of the caller’s own kind', () => {
  const { name, read, tryRead, tryReadPart } = memoryFolder('own', FILES);
  const folder: Folder = { name, read, tryRead, tryReadPart };

  test.each<[string, Folder]>([
    ['that gives parts', folder],
    [
      'that gives files only whole',
      {
        ...folder,
        tryReadPart: async (path, _begin, _end, options) => {
          const bytes = await tryRead(path, options);
          return bytes && { bytes, begin: 0, size: bytes.length };
        },
      },
    ],
    [
      'that does not say how long a file is',
      {
        ...folder,
        tryReadPart: async (path, begin, end, options) => {
          const part = await tryReadPart(path, begin, end, options);
          return part && { ...part, size: null };
        },
      },
    ],
  ])('%s is a source', async (_, own) => {
    const source = sourceOfFolder(own);
    expect(await source.stat('a.bin')).toEqual({ path: 'a.bin', size: 100, sha256: null });
    expect(await source.stat('b.bin')).toBeNull();
    expect([...(await readAll(source, 'a.bin', 17, 20))]).toEqual([17, 18, 19]);
    expect(await source.read('sae/cfg.json')).toEqual(FILES['sae/cfg.json']);
    expect(source.list).toBeUndefined();
    await expect(source.read('b.bin')).rejects.toThrow(MissingFileError);
    await expect(source.read('a.bin', { most: 99 })).rejects.toThrow(CorruptFileError);
    await expect(source.read('a.bin', { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});

test('a folder inside a source: its own paths, name and list, and nothing around it', async () => {
  const inner = subfolder(memorySource(FILES, { name: 'm/' }), 'sae');
  expect([inner.name, await inner.list!()]).toEqual(['m/sae', ['cfg.json']]);
  expect(await inner.stat('cfg.json')).toEqual({ path: 'cfg.json', size: 3, sha256: null });
  expect([...(await readAll(inner, 'cfg.json', 1, 3))]).toEqual([2, 3]);
  expect((await inner.tryReadPart('cfg.json', 0, 2))!.bytes).toEqual(Uint8Array.of(1, 2));
  expect(await inner.tryRead('a.bin')).toBeNull();
  await expect(inner.read('constructor')).rejects.toThrow(MissingFileError);
});
