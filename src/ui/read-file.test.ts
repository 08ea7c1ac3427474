import { expect, test } from 'vitest';
import { CorruptFileError } from '../lens/api/errors';
import { readFile } from './read-file';

test('a file is read up to its limit, and one over it not at all', async () => {
  const file = new File(['abc'], 'a.json');
  expect(await readFile(file, 3)).toEqual(Uint8Array.of(97, 98, 99));
  let read = false;
  const large = { name: 'large.json', size: 3e9, arrayBuffer: async () => (read = true) } as unknown as File;
  await expect(readFile(large, 32e6)).rejects.toThrow(CorruptFileError);
  await expect(readFile(large, 32e6)).rejects.toThrow('large.json has 3,000 MB; at most 32 MB are read.');
  expect(read).toBe(false);
});
