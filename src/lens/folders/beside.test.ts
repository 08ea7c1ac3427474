import { expect, test } from 'vitest';
import { DamagedStoreError, MissingFileError } from '../api/errors';
import { HASHED } from '../formats/sha256';
import { json, pack } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { BESIDE, folderBeside, readStatistics } from './beside';

const RATES = pack({ sparsity: { shape: [2], data: Float32Array.of(-10, 0) } });
const read = (files: Record<string, Uint8Array>, notices: string[] = []) =>
  readStatistics(memorySource(files), 's/', { d: 1, width: 2, notices });

test('nothing, statistics, rates, or both lie beside a dictionary', async () => {
  expect(await read({})).toBeNull();
  expect(await read({ 's/feature_stats.json': json({ mean: [3], fvu: 0.2 }) })).toMatchObject({
    fvu: 0.2,
    density: null,
  });
  expect(await read({ 's/sparsity.safetensors': RATES })).toMatchObject({ mean: null, density: Float32Array.of(0, 1) });
  const both = { 's/feature_stats.json': json({ mean: [3] }), 's/sparsity.safetensors': RATES };
  expect(await read(both)).toMatchObject({ mean: Float32Array.of(3), density: Float32Array.of(0, 1) });
});

test('one that is damaged is left out, and hides the other as little as the dictionary', async () => {
  const notices: string[] = [];
  const files = { 's/feature_stats.json': json({ mean: [1, 2] }), 's/sparsity.safetensors': RATES };
  expect(await read(files, notices)).toMatchObject({ mean: null, density: Float32Array.of(0, 1) });
  expect(notices).toEqual([expect.stringMatching(/^Left out: s\/feature_stats.json: "mean"/)]);
  const lost = { tryRead: () => Promise.reject(new DamagedStoreError('The kept part is missing.')) };
  expect(await readStatistics(lost, '', { d: 1, width: 2, notices })).toBeNull();
  expect(notices.slice(1)).toEqual(Array(2).fill('Left out: The kept part is missing.'));
});

test('a source that cannot be read is no damaged file', async () => {
  const away = { tryRead: () => Promise.reject(new MissingFileError('offline')) };
  await expect(readStatistics(away, '', { d: 1, width: 2, notices: [] })).rejects.toThrow('offline');
});

test('no file is longer than what can be hashed, and so kept', () => {
  for (const [name, most] of Object.entries(BESIDE)) expect(most, name).toBeLessThanOrEqual(HASHED);
});

test('a folder with files of several layers has nothing beside one of them', () => {
  const file = { path: 'a/b/w.safetensors', size: 1, sha256: null };
  expect(folderBeside({ form: 'saelens', file })).toBe('a/b/');
  expect(folderBeside({ form: 'saelens', file: { ...file, path: 'w' } })).toBe('');
  expect(folderBeside({ form: 'qwen-scope', file })).toBeNull();
});
