import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { AbortedError, CorruptFileError, MissingFileError } from '../api/errors';
import { json, pack } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openConfig } from './config';
import { openWeights } from './weights';

const a = pack({ a: { shape: [2], data: Float32Array.of(1, 2) } });
const b = pack({ b: { shape: [1], data: Float32Array.of(3) }, c: { shape: [1], data: Float32Array.of(4) } });
const index = (weightMap: unknown, metadata?: unknown) => json({ metadata, weight_map: weightMap });
const sharded = (weightMap: unknown, metadata?: unknown) =>
  memoryFolder('m', {
    'model.safetensors.index.json': index(weightMap, metadata),
    'm-1.safetensors': a,
    'm-2.safetensors': b,
  });

const sha256sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('one file', () => {
  test('is opened and counted', async () => {
    const steps: number[][] = [];
    const weights = await openWeights(memoryFolder('m', { 'model.safetensors': a }), {
      onBytes: (...s) => steps.push(s),
    });
    expect([...weights.float32('a', [2])]).toEqual([1, 2]);
    expect(steps).toEqual([[a.length, a.length]]);
  });

  test('has the hash that sha256sum prints', async () => {
    expect((await openWeights(memoryFolder('m', { 'model.safetensors': a }))).sha256).toBe(sha256sum(a));
  });

  test('goes before an index, as in HF', async () => {
    const folder = memoryFolder('m', {
      'model.safetensors': a,
      'model.safetensors.index.json': index({ b: 'gone.safetensors' }),
    });
    const weights = await openWeights(folder);
    expect([weights.has('a'), weights.has('b')]).toEqual([true, false]);
  });

  test('of lenslet-mini has the tensors of its configuration', async () => {
    const read = async (file: string) => new Uint8Array(await readFile(`public/models/lenslet-mini/${file}`));
    const folder = memoryFolder('lenslet-mini', {
      'config.json': await read('config.json'),
      'model.safetensors': await read('model.safetensors'),
    });
    const { vocabularySize, d } = await openConfig(folder);
    const weights = await openWeights(folder);
    weights.expectShape('model.embed_tokens.weight', [vocabularySize, d]);
    expect(weights.float32('model.norm.weight', [d]).every((gain) => Number.isFinite(gain) && gain !== 0)).toBe(true);
  });

  test('that is cut off is refused', async () => {
    await expect(openWeights(memoryFolder('m', { 'model.safetensors': a.subarray(0, a.length - 1) }))).rejects.toThrow(
      CorruptFileError,
    );
  });
});

describe('shards', () => {
  test('are opened by the index, and progress runs over all of them', async () => {
    const steps: number[][] = [];
    const map = { a: 'm-1.safetensors', b: 'm-2.safetensors' };
    const weights = await openWeights(sharded(map, { total_size: 16 }), { onBytes: (...s) => steps.push(s) });
    expect(['a', 'b', 'c'].map(weights.has)).toEqual([true, true, false]);
    expect([...weights.float32('b', [1])]).toEqual([3]);
    const all = a.length + b.length;
    expect(steps).toEqual([
      [a.length, a.length],
      [all, all],
    ]);
    const unknown: number[][] = [];
    await openWeights(sharded(map), { onBytes: (...s) => unknown.push(s) });
    expect(unknown.at(-1)).toEqual([all, 0]);
  });

  test('have one hash: that of the lines that sha256sum prints, by name and not in the index’s order', async () => {
    const lines = `${sha256sum(a)}  m-1.safetensors\n${sha256sum(b)}  m-2.safetensors\n`;
    const { sha256 } = await openWeights(sharded({ b: 'm-2.safetensors', a: 'm-1.safetensors' }));
    expect(sha256).toBe(sha256sum(new TextEncoder().encode(lines)));
  });

  test.each([
    '../secret.safetensors',
    '/etc/x.safetensors',
    'https://x.org/y.safetensors',
    'a/b.safetensors',
    '..\\x.safetensors',
    '.safetensors',
    'm-1.bin',
    5,
    null,
    ['m-1.safetensors'],
  ])('a shard called %s is refused', async (shard) => {
    await expect(openWeights(sharded({ a: shard }))).rejects.toThrow(CorruptFileError);
  });

  test('one that is not there, or does not hold what the index says', async () => {
    await expect(openWeights(sharded({ a: 'm-3.safetensors' }))).rejects.toThrow(MissingFileError);
    await expect(openWeights(sharded({ a: 'm-2.safetensors' }))).rejects.toThrow(/m-2\.safetensors does not hold a/);
    await expect(openWeights(sharded('m-1.safetensors'))).rejects.toThrow(CorruptFileError);
    await expect(openWeights(sharded(undefined))).rejects.toThrow(CorruptFileError);
  });
});

test('no weights at all, and stopping', async () => {
  await expect(openWeights(memoryFolder('m', {}))).rejects.toThrow(MissingFileError);
  await expect(
    openWeights(memoryFolder('m', { 'model.safetensors': a }), { signal: AbortSignal.abort() }),
  ).rejects.toThrow(AbortedError);
});
