import { afterEach, expect, test, vi } from 'vitest';
import { sha256, sha256OfFiles } from './sha256';

afterEach(() => vi.unstubAllGlobals());

test('is FIPS 180-4’s example, of a view too', async () => {
  const text = new TextEncoder().encode('xabcx');
  expect(await sha256(text.subarray(1, 4))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('is not taken of a large file, nor where a page has no crypto.subtle; one file without it leaves several without it', async () => {
  expect(await sha256(new Uint8Array(64e6 + 1))).toBeNull();
  expect(
    await sha256OfFiles(
      new Map([
        ['a', 'ff'],
        ['b', null],
      ]),
    ),
  ).toBeNull();
  vi.stubGlobal('crypto', {});
  expect(await sha256(new Uint8Array(3))).toBeNull();
});
