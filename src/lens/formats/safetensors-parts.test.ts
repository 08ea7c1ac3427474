import { describe, expect, test } from 'vitest';
import { CorruptFileError, MissingFileError } from '../api/errors';
import type { Source } from '../sources/source';
import { pack, safetensors } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { parseSafetensors } from './safetensors';
import { SafetensorsParts } from './safetensors-parts';

const numbers = (n: number, first: number) => Float32Array.from({ length: n }, (_, i) => first + i);
const FILE = pack({
  a: { shape: [2], data: numbers(2, 0) },
  b: { shape: [2, 2], data: numbers(4, 10) },
  c: { shape: [3], data: numbers(3, 20) },
});
const ALL = [...parseSafetensors(FILE, 'f')];

/** A folder that logs its requests, and answers in ways that servers do. */
function asked(
  file: Uint8Array,
  kind: 'parts' | 'whole' | 'unsized' = 'parts',
): { folder: Source; requests: [number, number][] } {
  const requests: [number, number][] = [];
  const inner = memoryFolder('m', { f: file });
  const tryReadPart: Source['tryReadPart'] = async (path, begin, end) => {
    requests.push([begin, end]);
    const part = (await inner.tryReadPart(path, begin, end))!;
    if (kind === 'whole') return { bytes: file, begin: 0, size: file.length };
    return kind === 'unsized' ? { ...part, size: null } : part;
  };
  return { folder: { ...inner, tryReadPart }, requests };
}

/** Data too long to be read along with the header. */
const long = () =>
  pack({
    a: { shape: [5000], data: numbers(5000, 0) },
    b: { shape: [6], data: numbers(6, 1) },
    c: { shape: [5000], data: numbers(5000, 2) },
  });

describe('SafetensorsParts', () => {
  test.each(['parts', 'whole', 'unsized'] as const)(
    '%s: reads the tensors that are asked for, as the whole file has them',
    async (kind) => {
      const parts = (await SafetensorsParts.open(asked(FILE, kind).folder, 'f'))!;
      const read = await parts.read(['c', 'a', 'b']);
      for (const [name, tensor] of ALL) expect(read.get(name)).toEqual({ ...tensor, bytes: tensor.bytes.slice() });
      expect([...new Float32Array((await parts.slice('b', 1, 3)).bytes.slice().buffer)]).toEqual([11, 12]);
      expect((await parts.slice('b', 2, 2)).bytes).toHaveLength(0);
      expect(parts.metadata).toEqual({ format: 'pt' });
    },
  );

  test('neighbours are one request, what lies between is not read', async () => {
    const { folder, requests } = asked(long());
    const parts = (await SafetensorsParts.open(folder, 'f'))!;
    requests.length = 0;
    await parts.read(['b', 'a']);
    expect(requests.map(([begin, end]) => end - begin)).toEqual([5006 * 4]);
    requests.length = 0;
    await parts.read(['a', 'c']);
    expect(requests.map(([begin, end]) => end - begin)).toEqual([20000, 20000]);
  });

  test('a server that gives files only whole is asked once', async () => {
    const { folder, requests } = asked(long(), 'whole');
    const parts = (await SafetensorsParts.open(folder, 'f'))!;
    await parts.read(['a', 'c']);
    await parts.slice('b', 0, 1);
    expect(requests).toHaveLength(1);
  });

  test('a header longer than the first request', async () => {
    const names = Array.from({ length: 400 }, (_, i) => `a tensor with a rather long name ${i}`);
    const file = pack(Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: numbers(1, i) }])));
    const parts = (await SafetensorsParts.open(asked(file).folder, 'f'))!;
    expect([...(await parts.read([names[399]!])).get(names[399]!)!.bytes]).toEqual([
      ...new Uint8Array(Float32Array.of(399).buffer),
    ]);
  });

  test('a file that is not there, that goes away, that changes, that is cut off', async () => {
    expect(await SafetensorsParts.open(memoryFolder('m', {}), 'f')).toBeNull();
    const open = async () => {
      const { folder } = asked(long());
      return { folder, parts: (await SafetensorsParts.open(folder, 'f'))! };
    };
    const gone = await open();
    gone.folder.tryReadPart = async () => null;
    await expect(gone.parts.read(['c'])).rejects.toThrow(MissingFileError);
    const other = await open();
    other.folder.tryReadPart = async (_, begin, end) => ({ bytes: new Uint8Array(end - begin), begin, size: 7 });
    await expect(other.parts.read(['c'])).rejects.toThrow(/changed/);
    const cut = await open();
    cut.folder.tryReadPart = async (_, begin) => ({ bytes: new Uint8Array(3), begin, size: null });
    await expect(cut.parts.read(['c'])).rejects.toThrow(/cut off/);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /0 bytes/],
    ['a header that is cut off', FILE.slice(0, 20), /cut off/],
    ['data that is cut off', FILE.slice(0, -1), /cut off/],
    ['bytes behind the last tensor', new Uint8Array([...FILE, 0]), /last 1 bytes/],
    ['a header that is no JSON', safetensors('{"a":'), /not JSON/],
  ])('%s is refused', async (_, file, reason) => {
    await expect(SafetensorsParts.open(asked(file).folder, 'f')).rejects.toThrow(CorruptFileError);
    await expect(SafetensorsParts.open(asked(file).folder, 'f')).rejects.toThrow(reason);
  });

  test('a tensor that is not there is named', async () => {
    const parts = (await SafetensorsParts.open(asked(FILE).folder, 'f'))!;
    await expect(parts.read(['a', 'z'])).rejects.toThrow(/no tensor z/);
    await expect(parts.slice('a', 0, 3)).rejects.toThrow(RangeError);
  });
});
