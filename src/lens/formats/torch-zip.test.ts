import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { memorySource } from '../testing/memory-source';
import { le, type ZipPart, zipOf } from '../testing/torch-file';
import { openTorchZip } from './torch-zip';

const bytes = (...values: number[]) => Uint8Array.from(values);
const open = async (file: Uint8Array) => {
  const source = memorySource({ 'a.pt': file });
  return { source, zip: await openTorchZip(source, { path: 'a.pt', size: file.length, sha256: null }) };
};
const two: ZipPart[] = [
  { name: 'a/data.pkl', bytes: bytes(1, 2, 3) },
  { name: 'a/data/0', bytes: bytes(4, 5, 6, 7) },
];
const fixture = (name: string) => new Uint8Array(readFileSync(`src/lens/testing/fixtures/torch/${name}`));

test.each([
  ['with zip64 records', zipOf(two)],
  ['with the short end record alone', zipOf(two, { zip64: false })],
  ['with places of 64 bits', zipOf(two.map((part) => ({ ...part, wide: true })))],
])('a zip %s gives its entries, by range', async (_, file) => {
  const { zip } = await open(file);
  expect([...zip.entries]).toEqual([
    ['a/data.pkl', 3],
    ['a/data/0', 4],
  ]);
  expect([...(await zip.read('a/data.pkl', 3))]).toEqual([1, 2, 3]);
  const { begin, end } = await zip.locate('a/data/0');
  expect([...file.subarray(begin, end)]).toEqual([4, 5, 6, 7]);
  expect(begin % 64).toBe(0);
});

test('what torch.save wrote is read', async () => {
  const { zip } = await open(fixture('layer1.sae.pt'));
  expect([...zip.entries.keys()]).toEqual([
    'layer1.sae/data.pkl',
    ...[0, 1, 2, 3].map((n) => `layer1.sae/data/${n}`),
    'layer1.sae/version',
  ]);
  expect(new TextDecoder().decode(await zip.read('layer1.sae/version', 2))).toBe('3\n');
});

test('a large entry is not read to find it', async () => {
  const { source, zip } = await open(zipOf([...two, { name: 'a/data/1', bytes: new Uint8Array(1_000_000) }]));
  await zip.locate('a/data/1');
  expect(source.reads.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBeLessThan(20_000);
  await expect(zip.read('a/data/1', 999_999)).rejects.toThrow(CorruptFileError);
});

const [first, second] = two as [ZipPart, ZipPart];
const third: ZipPart = { name: 'a/version', bytes: bytes(51) };
const lying = (says: ZipPart['says']) => zipOf([first, { ...second, says }, third]);

test.each<[string, Uint8Array, RegExp]>([
  ['compressed', lying({ method: 8 }), /compressed/],
  ['encrypted', lying({ flags: 0x0809 }), /encrypted/],
  ['masked', lying({ flags: 0x2808 }), /encrypted/],
  ['there twice', zipOf([first, first]), /twice/],
  ['longer than the place it has', lying({ size: 300 }), /reach into what follows/],
  ['of the place of another', lying({ begin: 0 }), /reach into what follows/],
  ['behind the file', lying({ begin: 1e6 }), /reach into what follows/],
  ['above its folder', zipOf([first, { ...second, name: 'a/../b' }]), /of the name/],
  ['at an absolute path', zipOf([first, { ...second, name: '/etc/x' }]), /of the name/],
  ['in a Windows path', zipOf([first, { ...second, name: 'a\\b' }]), /of the name/],
  ['more in number than it has', zipOf(two, { zip64: false, says: { count: 3 } }), /no entry 2/],
  ['fewer in number than it has', zipOf(two, { zip64: false, says: { count: 1 } }), /behind the last/],
  ['said twice, and differently', zipOf(two, { says: { wideCount: 1 } }), /contradict/],
  ['too many', zipOf(two, { zip64: true, says: { count: 0xffff, wideCount: 10_001 } }), /at most|more than/],
  ['in a directory elsewhere', zipOf(two, { zip64: false, says: { begin: 7 } }), /states a directory/],
  ['in a directory longer than the file', zipOf(two, { zip64: false, says: { length: 1e9 } }), /states a directory/],
])('entries that are %s are refused', async (_, file, why) => {
  const error = await open(file).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CorruptFileError);
  expect((error as Error).message).toMatch(why);
});

test('an entry whose own header says something else is refused when it is asked for', async () => {
  const { zip } = await open(lying({ localName: 'a/data/9' }));
  await expect(zip.locate('a/data/0')).rejects.toThrow(/another entry/);
  await expect(zip.locate('a/data/7')).rejects.toThrow(/no entry/);
  // The extra field of the local header alone can push the bytes into what follows.
  const file = zipOf([...two, third]);
  file.set(le(65_000, 2), 28);
  const pushed = await open(file);
  await expect(pushed.zip.locate('a/data.pkl')).rejects.toThrow(/reach into what follows/);
  file.set(le(0, 2), 0);
  await expect((await open(file)).zip.locate('a/data.pkl')).rejects.toThrow(/no header/);
});

test('a file that is cut off anywhere is refused, and nothing outside of it is read', async () => {
  const file = zipOf(two);
  for (let length = 0; length < file.length; length++)
    await expect(open(file.slice(0, length))).rejects.toThrow(CorruptFileError);
});

test("torch's older formats are named", async () => {
  await expect(open(fixture('legacy.pt'))).rejects.toThrow(UnsupportedModelError);
  await expect(open(fixture('legacy.pt'))).rejects.toThrow(/before PyTorch 1\.6/);
  const tar = new Uint8Array(1024);
  tar.set(new TextEncoder().encode('ustar'), 257);
  await expect(open(tar)).rejects.toThrow(/old format/);
});
