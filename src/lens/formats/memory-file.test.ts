import { expect, test } from 'vitest';
import { memorySource } from '../testing/memory-source';
import { withFile } from './memory-file';

test('other files are read by the source itself, whatever its methods are bound to', async () => {
  const inner = memorySource({ a: Uint8Array.of(1) });
  const source = {
    ...inner,
    read(...of: Parameters<typeof inner.read>) {
      return this.tryRead(...of).then((bytes) => bytes!);
    },
  };
  const copy = withFile(source, { path: 'b', size: 2, sha256: null }, Uint8Array.of(2, 3));
  const { read, tryRead } = copy;
  expect([await read('a'), await tryRead('a'), await read('b')]).toEqual(
    [[1], [1], [2, 3]].map((of) => Uint8Array.from(of)),
  );
  await expect(copy.read('b', { most: 1 })).rejects.toThrow(/more than the 1/);
});
