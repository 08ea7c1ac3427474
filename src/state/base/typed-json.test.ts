import { expect, test } from 'vitest';
import { fromTypedJson, toTypedJson } from './typed-json';

test('typed arrays come back bit for bit, at any depth, among plain values', () => {
  const value = {
    a: [Float32Array.from([1.5, Number.NaN, -0, 1e-40])],
    b: { ids: Uint32Array.from([0xffffffff, 3]).subarray(1), mask: Uint8Array.from([1, 0]) },
    c: null,
    text: '龘 "f32"',
    f32: 'no array: two keys',
  };
  const back = fromTypedJson<typeof value>(JSON.parse(toTypedJson(value)));
  expect(back).toEqual(value);
  expect(Object.is(back.a[0]![2], -0)).toBe(true);
});
