import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gunzip, gunzipHead, isGzip } from './gzip';
import { whatFile } from './what-is';

const text = JSON.stringify({ format: 'lenslet-notebook-4', entries: [], runs: [] });
const packed = (of: string | Uint8Array) => new Uint8Array(gzipSync(of));
const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('a gzipped file is read as what it holds', async () => {
  expect(isGzip(packed(text))).toBe(true);
  expect(words(await gunzip(new Blob([packed(text)]), 'a.gz', 1000))).toBe(text);
  expect(words(await gunzipHead(new Blob([packed(text)]), 10))).toBe(text.slice(0, 10));
});

test('a bomb is let go at the limit, a damaged file is called one', async () => {
  const bomb = new Blob([packed(new Uint8Array(50_000_000))]);
  await expect(gunzip(bomb, 'a.gz', 1_000_000)).rejects.toThrow('a.gz unpacks to more than 1 MB');
  const cut = new Blob([packed(text).subarray(0, 40)]);
  await expect(gunzip(cut, 'a.gz', 1000)).rejects.toThrow('a.gz is a damaged gzip file');
  expect(text.startsWith(words(await gunzipHead(cut, 1000)))).toBe(true);
});

test.each([
  ['log.json.gz', JSON.stringify({ lenslet: 1, results: [] }), 'log'],
  ['book.json.gz', text, 'notebook'],
  ['batch-0.jsonl.gz', JSON.stringify({ index: '3', description: 'x' }), 'labels'],
  ['notes.gz', 'words', 'other'],
])('%s is told by what it holds', async (name, held, kind) => {
  expect(await whatFile(new File([packed(held)], name))).toMatchObject({ kind });
});

test('a Git LFS pointer is called one, whatever its name', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`;
  expect((await whatFile(new File([pointer], 'labels.jsonl.gz'))).called).toContain('git lfs pull');
});
