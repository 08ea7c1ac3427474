import { expect, test } from 'vitest';
import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { type Packed, pack } from '../testing/fixtures';
import { parseValueHead } from './nla-head';

const parse = (tensors: Record<string, Packed>) => parseValueHead(pack(tensors), 'ar/value_head.safetensors', 3);
const weight = (data: number[], shape = [3, 3]): Packed => ({ shape, data: Float32Array.from(data) });
const eye = [1, 0, 0, 0, 1, 0, 0, 0, 1];

test('reads the weight as stored', () => {
  expect([...parse({ weight: weight([1, 2, 3, 4, 5, 6, 7, 8, 9]) })]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a bias is another computation, refused by its name', () => {
  const bias: Packed = { shape: [3], data: new Float32Array(3) };
  expect(() => parse({ weight: weight(eye), bias })).toThrow(UnsupportedModelError);
  expect(() => parse({ weight: weight(eye), 'value_head.bias': bias })).toThrow(/"value_head\.bias"/);
});

test('NaN and infinity are refused, with how many rows hold them', () => {
  const damaged = [...eye];
  [damaged[1], damaged[8]] = [Number.NaN, Number.NEGATIVE_INFINITY];
  expect(() => parse({ weight: weight(damaged) })).toThrow(CorruptFileError);
  expect(() => parse({ weight: weight(damaged) })).toThrow(/2 of 3 rows/);
});

test('another shape or name is refused', () => {
  expect(() => parse({ weight: weight(eye.slice(0, 6), [2, 3]) })).toThrow(ShapeMismatchError);
  expect(() => parse({ other: weight(eye) })).toThrow(CorruptFileError);
});
