import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CorruptFileError, MissingFileError, UnsupportedModelError } from '../api/errors';
import { memorySource } from '../testing/memory-source';
import { type Picklable, pickleOf, TensorSpec, torchOf, zipOf } from '../testing/torch-file';
import { toFloat32 } from './safetensors';
import { readTorchFile, type TorchTensor } from './torch-file';

const folder = 'src/lens/testing/fixtures/torch';
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`));
const read = (file: Uint8Array) => readTorchFile(memorySource({ 'a.pt': file }), 'a.pt');

type Expected = Record<string, Record<string, { dtype: string; shape: number[]; numbers: number[] }>>;
// Nine digits identify a float32.
const round = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Math.fround(value) : value;
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'), round) as Expected;

/** A tensor's numbers, in PyTorch's order. */
function numbersOf(file: Uint8Array, { dtype, begin, end, shape, byColumns }: TorchTensor): number[] {
  const bytes = file.slice(begin, end);
  if (dtype === 'I64') return Array.from(new BigInt64Array(bytes.buffer), Number);
  if (dtype === 'BOOL') return [...bytes];
  const stored = [...toFloat32(bytes, dtype, 'a')];
  const [rows = 0, columns = 0] = shape;
  return byColumns ? stored.map((_, i) => stored[(i % columns) * rows + Math.floor(i / columns)]!) : stored;
}

describe('PyTorch says the same of what torch.save wrote', () => {
  test.each(Object.keys(expected))('%s', async (name) => {
    const file = fixture(name);
    const { tensors } = await read(file);
    const top = [...tensors].filter(([tensor]) => !tensor.includes('.'));
    const found = top.map(([tensor, place]) => [
      tensor,
      { dtype: place.dtype, shape: place.shape, numbers: numbersOf(file, place) },
    ]);
    expect(Object.fromEntries(found)).toEqual(expected[name]);
  });

  test('views lie inside what they are views of', async () => {
    const { tensors } = await read(fixture('views.pt'));
    const [whole, rows, columns, scalar] = ['whole', 'rows', 'columns', 'scalar'].map(
      (name) => tensors.get(name)!,
    ) as TorchTensor[];
    expect([rows!.begin - whole!.begin, rows!.end - rows!.begin]).toEqual([24, 48]);
    expect([columns!.begin, columns!.byColumns, whole!.byColumns]).toEqual([whole!.begin, true, false]);
    expect([scalar!.shape, scalar!.begin - whole!.begin, scalar!.end - scalar!.begin]).toEqual([[], 28, 4]);
  });
});

test('tensors and values in dicts of a dict are named by both', async () => {
  const { tensors } = await read(fixture('views.pt'));
  expect(tensors.get('nested.more.a')).toMatchObject({ dtype: 'F32', shape: [1] });
  const deep = { state: { W: new TensorSpec('0', [4]) }, k: 5, name: 'x', a: { b: { c: { d: 1 } } } };
  const file = await read(torchOf(deep, { 0: new Uint8Array(16) }));
  expect([...file.tensors.keys()]).toEqual(['state.W']);
  expect([...file.values]).toEqual([
    ['k', 5],
    ['name', 'x'],
  ]);
});

const four = new Uint8Array(16);
const tensor = (options: TensorSpec['options'] = {}, shape = [4]): Picklable => ({
  a: new TensorSpec('0', shape, options),
});

test('the layout of later PyTorch: a byte order, an alignment, an id', async () => {
  const word = (text: string) => new TextEncoder().encode(text);
  const with_ = (order: string) =>
    torchOf(tensor(), { 0: four }, [
      { name: 'archive/.format_version', bytes: word('1') },
      { name: 'archive/.storage_alignment', bytes: word('64') },
      { name: 'archive/byteorder', bytes: word(order) },
      { name: 'archive/.data/serialization_id', bytes: word('0636213747150612373218') },
    ]);
  expect([...(await read(with_('little'))).tensors.keys()]).toEqual(['a']);
  await expect(read(with_('big'))).rejects.toThrow(UnsupportedModelError);
});

test.each<[string, Picklable, RegExp]>([
  ['of more numbers than are stored', tensor({}, [5]), /for which 16 bytes are stored/],
  ['that reaches out of its storage', tensor({ count: 4 }, [2, 3]), /reaches out/],
  ['that begins behind its storage', tensor({ count: 4, offset: 5 }, [0]), /reaches out/],
  [
    'of sizes whose product is no number',
    tensor({ count: 4, stride: [1, 1, 1] }, [2 ** 40, 2 ** 40, 2 ** 40]),
    /reaches out/,
  ],
  ['of another type than its storage', tensor({ type: 'HalfStorage' }), /for which 16 bytes are stored/],
  ['with fewer strides than sizes', tensor({ stride: [] }), /do not belong together/],
  ['of a storage that is not there', { a: new TensorSpec('7', [4]) }, /no entry/],
  ['of a storage out of the folder', { a: new TensorSpec('../data.pkl', [4]) }, /names no storage/],
])('a tensor %s is refused', async (_, value, why) => {
  const error = await read(torchOf(value, { 0: four })).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CorruptFileError);
  expect((error as Error).message).toMatch(why);
});

test('numbers with gaps between them are refused, a dimension of one has none', async () => {
  await expect(read(fixture('gapped.pt'))).rejects.toThrow(/contiguous/);
  await expect(read(torchOf(tensor({ stride: [4, 2], count: 4 }, [1, 2]), { 0: four }))).rejects.toThrow(
    UnsupportedModelError,
  );
  await expect(read(torchOf(tensor({ stride: [0], count: 4 }, [4]), { 0: four }))).rejects.toThrow(
    UnsupportedModelError,
  );
  const { tensors } = await read(torchOf(tensor({ stride: [9, 1], count: 4 }, [1, 4]), { 0: four }));
  expect(tensors.get('a')).toMatchObject({ shape: [1, 4], byColumns: false });
});

test('what is no dict of tensors is refused', async () => {
  await expect(read(fixture('bare.pt'))).rejects.toThrow(/does not hold a dict/);
  await expect(read(fixture('calls.pt'))).rejects.toThrow(/posix\.system.*Nothing in it was executed/);
  await expect(read(fixture('legacy.pt'))).rejects.toThrow(/before PyTorch 1\.6/);
  const pickle = { name: 'a/data.pkl', bytes: pickleOf({}) };
  await expect(read(zipOf([{ name: 'a/x', bytes: four }]))).rejects.toThrow(/0 data\.pkl/);
  await expect(read(zipOf([pickle, { ...pickle, name: 'b/data.pkl' }]))).rejects.toThrow(/2 data\.pkl/);
  await expect(readTorchFile(memorySource({}), 'a.pt')).rejects.toThrow(MissingFileError);
});

test('the numbers themselves are not read, and a stop stops it', async () => {
  const source = memorySource({ 'a.pt': torchOf(tensor({}, [500_000]), { 0: new Uint8Array(2_000_000) }) });
  await readTorchFile(source, 'a.pt');
  expect(source.reads.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBeLessThan(20_000);
  await expect(readTorchFile(source, 'a.pt', { signal: AbortSignal.abort() })).rejects.toThrow(/Stopped/);
});
