import { expect, test } from 'vitest';
import { UnsupportedModelError } from '../../api/errors';
import { memorySource } from '../../testing/memory-source';
import { narrowed } from './narrow';

const doubles = Float64Array.of(1.1, -2.2, 3e-50);
const bytes = new Uint8Array([9, ...new Uint8Array(doubles.buffer), 7]);
const file = { path: 'f', size: bytes.length, sha256: 'ab' };
const at = (dtype: string, shape: number[], begin: number, end: number) => ({ dtype, shape, begin, end });

test('float64 is rounded to float32 in memory; a single number, and a file without any, stay', async () => {
  const source = memorySource({ f: bytes });
  const stored = new Map([['a', at('F64', [3], 1, 25)]]);
  const out = await narrowed({ file, stored, source });
  const { begin, end, dtype } = out.stored.get('a')!;
  expect([dtype, end - begin, out.file]).toEqual(['F32', 12, { ...file, sha256: null }]);
  expect(out.copy).toEqual({ source: out.source });
  const read = await out.source.read('f');
  expect([...new Float32Array(read.slice(begin, end).buffer)]).toEqual([...doubles].map(Math.fround));
  expect([read[0], read.at(-1), bytes[1]]).toEqual([9, 7, new Uint8Array(doubles.buffer)[0]]);
  for (const same of [at('F64', [], 1, 9), at('F32', [6], 1, 25)]) {
    const of = { file, stored: new Map([['a', same]]), source };
    expect(await narrowed(of)).toEqual({ ...of, copy: {} });
    expect((await narrowed({ ...of, copied: true })).copy).toEqual({ source });
  }
});

test('tensors that share bytes are refused before one of them is rounded', async () => {
  const stored = new Map([
    ['a', at('F64', [2], 1, 17)],
    ['b', at('F64', [2], 9, 25)],
  ]);
  await expect(narrowed({ file, stored, source: memorySource({ f: bytes }) })).rejects.toThrow(UnsupportedModelError);
  const huge = { file: { ...file, size: 2 ** 31 }, stored: new Map([['a', at('F64', [2], 1, 17)]]) };
  await expect(narrowed({ ...huge, source: memorySource({}) })).rejects.toThrow(/Save it as float32/);
});
