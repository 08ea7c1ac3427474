import { expect, test } from 'vitest';
import { CorruptFileError, MissingFileError, UnsupportedModelError } from '../api/errors';
import { memorySource } from '../testing/memory-source';
import { npyHeader, npyOf, npzOf, zeros } from '../testing/npz';
import { zipOf } from '../testing/torch-file';
import { readNpz } from './npz';

const open = (bytes: Uint8Array) => readNpz(memorySource({ 'a.npz': bytes }), 'a.npz');
const numbers = Uint8Array.from({ length: 24 }, (_, i) => i);
const array = npyOf(npyHeader('<f4', [2, 3]), numbers);

test('stored arrays are byte ranges of the file, and not read', async () => {
  const file = npzOf({ a: array, b: zeros('<f4', [100_000]) });
  const source = memorySource({ 'a.npz': file });
  const { arrays, ...npz } = await readNpz(source, 'a.npz');
  expect([npz.source, npz.file.size]).toEqual([source, file.length]);
  const { begin, end, ...a } = arrays.get('a')!;
  expect(a).toEqual({ dtype: 'F32', shape: [2, 3], byColumns: false });
  expect(file.slice(begin, end)).toEqual(numbers);
});

test('deflated arrays are inflated into a file in memory', async () => {
  const { arrays, file, source } = await open(npzOf({ a: array, b: zeros('<f8', [7]) }, { deflated: true }));
  const { begin, end } = arrays.get('a')!;
  const pieces: number[] = [];
  for await (const piece of source.stream('a.npz', begin, end)) pieces.push(...piece);
  expect(pieces).toEqual([...numbers]);
  expect((await source.read('a.npz')).length).toBe(file.size);
  expect(await source.stat('a.npz')).toEqual(file);
  expect((await source.tryReadPart('a.npz', begin, end))?.bytes).toEqual(numbers);
  expect(await source.tryRead('other')).toBeNull();
  expect(arrays.get('b')).toMatchObject({ dtype: 'F64', shape: [7] });
});

test('a file of many arrays is refused before any of them is looked at', async () => {
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, array]));
  const source = memorySource({ 'a.npz': npzOf(many) });
  await expect(readNpz(source, 'a.npz')).rejects.toThrow(/33 arrays.*at most 32/);
  expect(source.reads.length).toBeLessThan(4);
});

test('numbers that are too few, too many, or packed into less than they can be', async () => {
  await expect(open(npzOf({ a: npyOf(npyHeader('<f4', [2, 4]), numbers) }))).rejects.toThrow(CorruptFileError);
  await expect(open(npzOf({ a: npyOf(npyHeader('<f4', [2, 2]), numbers) }))).rejects.toThrow(/24 bytes of numbers.*16/);
  const packed = (inflated: number, bytes: Uint8Array = new Uint8Array([3, 0])) =>
    open(zipOf([{ name: 'a.npy', bytes, says: { method: 8, inflated } }], { zip64: false }));
  await expect(packed(2 ** 31)).rejects.toThrow(CorruptFileError);
  await expect(packed(5)).rejects.toThrow(/0 bytes in a\.npy, and states 5/);
  await expect(packed(5, new Uint8Array(9).fill(255))).rejects.toThrow(/cannot be inflated/);
  await expect(open(npzOf({ a: npyOf(npyHeader('<f4', [1, 2, 3], true), numbers) }))).rejects.toThrow(
    UnsupportedModelError,
  );
  await expect(readNpz(memorySource({}), 'a.npz')).rejects.toThrow(MissingFileError);
});
