import { expect, test, vi } from 'vitest';
import { CorruptFileError, MissingFileError } from '../api/errors';
import { readAll } from '../testing/hub';
import { memorySource } from '../testing/memory-source';
import { heldSource } from './held';

test('a file is read once, whole, whatever is asked of it', async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const inner = memorySource({ 'a.bin': bytes });
  const tryRead = vi.fn(inner.tryRead);
  const steps: unknown[] = [];
  const source = heldSource({ ...inner, tryRead }, (...of) => steps.push(of));
  expect(await source.tryReadPart('a.bin', 10, 20)).toEqual({ bytes, begin: 0, size: 100 });
  expect(await source.stat('a.bin')).toEqual({ path: 'a.bin', size: 100, sha256: null });
  expect([...(await readAll(source, 'a.bin', 17, 20))]).toEqual([17, 18, 19]);
  expect(await source.read('a.bin')).toBe(bytes);
  expect([tryRead.mock.calls.length, steps, inner.reads]).toEqual([1, [['a.bin', 100, 100]], []]);
  expect([...source.files.keys()]).toEqual(['a.bin']);
  await expect(source.read('b.bin')).rejects.toThrow(MissingFileError);
  await expect(source.read('a.bin', { most: 99 })).rejects.toThrow(CorruptFileError);
});
