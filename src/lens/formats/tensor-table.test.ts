import { expect, test } from 'vitest';
import { CorruptFileError, MissingFileError } from '../api/errors';
import { json, pack, safetensors } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { readTensorTable } from './tensor-table';

const INDEX = 'model.safetensors.index.json';
const numbers = (n: number, first: number) => ({
  shape: [n],
  data: Float32Array.from({ length: n }, (_, i) => first + i),
});
const index = (map: Record<string, string>) => json({ metadata: { total_size: 1 }, weight_map: map });
const shards = {
  'm-1.safetensors': pack({ a: numbers(2, 1), b: numbers(3, 10) }),
  'm-2.safetensors': pack({ c: { dtype: 'BF16', shape: [2, 2], data: Uint16Array.of(1, 2, 3, 4) } }),
};
const map = { c: 'm-2.safetensors', a: 'm-1.safetensors', b: 'm-1.safetensors' };

test('one file: where each tensor lies in it', async () => {
  const file = shards['m-1.safetensors'];
  const source = memorySource({ 'model.safetensors': file }, { sha256: { 'model.safetensors': 'ab' } });
  const { files, tensors } = await readTensorTable(source);
  expect(files).toEqual([{ path: 'model.safetensors', size: file.length, sha256: 'ab' }]);
  const { begin, end, ...rest } = tensors.get('b')!;
  expect(rest).toEqual({ file: 'model.safetensors', dtype: 'F32', shape: [3] });
  expect([...new Float32Array(file.slice(begin, end).buffer)]).toEqual([10, 11, 12]);
});

test('shards: as the index says, in the order of their names', async () => {
  const { files, tensors } = await readTensorTable(memorySource({ ...shards, [INDEX]: index(map) }));
  expect(files.map(({ path }) => path)).toEqual(['m-1.safetensors', 'm-2.safetensors']);
  expect([...tensors.keys()].sort()).toEqual(['a', 'b', 'c']);
  const { file, begin, end } = tensors.get('c')!;
  expect([...new Uint16Array(shards['m-2.safetensors'].slice(begin, end).buffer), file]).toEqual([
    1,
    2,
    3,
    4,
    'm-2.safetensors',
  ]);
});

test('of a tensor in two shards the one that the index names counts', async () => {
  const twice = { ...shards, 'm-2.safetensors': pack({ a: numbers(1, 0), c: numbers(1, 0) }), [INDEX]: index(map) };
  const { tensors } = await readTensorTable(memorySource(twice));
  expect([tensors.get('a')!.file, tensors.get('c')!.file]).toEqual(['m-1.safetensors', 'm-2.safetensors']);
});

test('a tensor that the index does not name is left out', async () => {
  const { tensors } = await readTensorTable(memorySource({ ...shards, [INDEX]: index({ a: 'm-1.safetensors' }) }));
  expect([...tensors.keys()]).toEqual(['a']);
});

test('of the weights nothing is read, however long the header is', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`model.layers.${i}.self_attn.q_proj.weight`, numbers(300, 0)]),
  );
  const file = pack(many);
  const source = memorySource({ 'model.safetensors': file });
  const { tensors } = await readTensorTable(source);
  expect(tensors.size).toBe(2000);
  const first = Math.min(...[...tensors.values()].map(({ begin }) => begin));
  expect(first).toBeGreaterThan(64 * 1024);
  expect(Math.max(...source.reads.map(({ end }) => end))).toBe(first);
});

test.each<[string, Record<string, Uint8Array>, RegExp]>([
  [
    'in another shard than the index says',
    { ...shards, [INDEX]: index({ ...map, c: 'm-1.safetensors' }) },
    /does not hold c/,
  ],
  ['outside its file', { 'model.safetensors': shards['m-1.safetensors'].slice(0, -1) }, /outside the 19 bytes/],
  [
    'of a header longer than the file',
    { 'model.safetensors': shards['m-1.safetensors'].slice(0, 40) },
    /its header needs/,
  ],
  ['of a header of 2^60 bytes', { 'model.safetensors': Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16, 0) }, /more than the/],
  ['of a file of three bytes', { 'model.safetensors': new Uint8Array(3) }, /no header/],
  [
    'over another',
    {
      'model.safetensors': safetensors(
        { a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } },
        3,
      ),
    },
    /inside the tensor/,
  ],
  ['in a file elsewhere', { [INDEX]: index({ a: '../m.safetensors' }) }, /beside it/],
])('tensors %s are refused', async (_, files, why) => {
  const error = await readTensorTable(memorySource(files)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CorruptFileError);
  expect((error as Error).message).toMatch(why);
});

test('no weights, or a shard that is missing', async () => {
  await expect(readTensorTable(memorySource({}))).rejects.toThrow(MissingFileError);
  await expect(
    readTensorTable(memorySource({ 'm-1.safetensors': shards['m-1.safetensors'], [INDEX]: index(map) })),
  ).rejects.toThrow(MissingFileError);
});
