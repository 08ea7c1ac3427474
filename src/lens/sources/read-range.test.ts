import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { memorySource } from '../testing/memory-source';
import { readRange } from './read-range';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const file = { path: 'f', size: 100, sha256: null };

test('a range comes whole, however it is handed out', async () => {
  for (const piece of [1, 7, 1000])
    expect([...(await readRange(memorySource({ f: bytes }, { piece }), file, 90, 100))]).toEqual([
      ...bytes.subarray(90),
    ]);
  expect(await readRange(memorySource({ f: bytes }), file, 100, 100)).toHaveLength(0);
});

test.each([
  [0, 101],
  [90, 2 ** 60],
  [50, 40],
  [-1, 3],
  [0.5, 3],
  [Number.NaN, 3],
])('[%d, %d) of 100 bytes is refused before the source is asked', async (begin, end) => {
  const source = memorySource({ f: bytes });
  await expect(readRange(source, file, begin, end)).rejects.toThrow(CorruptFileError);
  expect(source.reads).toEqual([]);
});

test.each([
  ['fewer', [5, 4]],
  ['more', [5, 6]],
])('a source that gives %s bytes than were asked for is refused', async (_, pieces) => {
  const source = memorySource({ f: bytes });
  const lying = {
    ...source,
    async *stream() {
      for (const length of pieces) yield new Uint8Array(length);
    },
  };
  await expect(readRange(lying, file, 0, 10)).rejects.toThrow(/were asked for/);
});
