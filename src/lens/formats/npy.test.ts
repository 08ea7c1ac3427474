import { expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { npyHeader, npyOf } from '../testing/npz';
import { parseNpyHeader } from './npy';

const parse = (header: string, more: Parameters<typeof npyOf>[2] = {}) =>
  parseNpyHeader(npyOf(header, new Uint8Array(8), more), 'a.npy');

test.each([1, 2, 3])('version %i: type, shape, order, and where the numbers begin', (version) => {
  const { dataStart, ...head } = parse(npyHeader('<f4', [3, 5]), { version });
  expect(head).toEqual({ dtype: 'F32', shape: [3, 5], byColumns: false });
  expect(dataStart).toBe(version === 1 ? 128 : 130);
});

test('all types of numbers, no dimension and one', () => {
  for (const [descr, dtype] of [
    ['<f2', 'F16'],
    ['<f8', 'F64'],
    ['<i8', 'I64'],
    ['|u1', 'U8'],
  ] as const)
    expect(parse(npyHeader(descr, [])).dtype).toBe(dtype);
  expect(parse("{'descr': '<f4', 'fortran_order': True, 'shape': (7,), }")).toMatchObject({
    shape: [7],
    byColumns: false,
  });
  expect(parse(npyHeader('<f4', [2, 3], true)).byColumns).toBe(true);
  expect(parse("{'shape': (2, 3), 'descr': '<f4', 'fortran_order': False}").shape).toEqual([2, 3]);
});

test.each(['>f4', '|O', '<c8', '|V2', '<U3', '__proto__'])('the type %s is refused by its name', (descr) => {
  const read = () => parse(npyHeader(descr, [2]));
  expect(read).toThrow(UnsupportedModelError);
  expect(read).toThrow(JSON.stringify(descr));
});

test.each([
  "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
  "{'descr': '<f4', 'fortran_order': False}",
  "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
  "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
  "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
  "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 99999999)}",
  "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': __import__('os')}",
  '',
])('another header is refused: %s', (header) => {
  expect(() => parse(header)).toThrow(CorruptFileError);
});

test('cut off, another version, another file', () => {
  expect(() => parse(npyHeader('<f4', [2]), { version: 4 })).toThrow(/version 4/);
  expect(() => parse(npyHeader('<f4', [2]), { length: 60_000 })).toThrow(CorruptFileError);
  expect(() => parseNpyHeader(new Uint8Array(5), 'a.npy')).toThrow(CorruptFileError);
  expect(() => parseNpyHeader(new Uint8Array(500), 'a.npy')).toThrow(/begin/);
});
