import { expect, test } from 'vitest';
import { asUint16, bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from './halves';

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer)];

test('every finite half float, by the formula of IEEE 754', () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const floats = float16ToFloat32(halves);
  for (const half of halves) {
    const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
    if (exponent === 31) continue;
    const value = exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (!Object.is(floats[half], value)) expect(`${half}: ${floats[half]}`).toBe(`${half}: ${value}`);
  }
});

test('infinities, and NaN with its sign and payload', () => {
  expect(bits(float16ToFloat32(Uint16Array.of(0x7c00, 0xfc00, 0x7e01, 0xfd55)))).toEqual([
    0x7f800000, 0xff800000, 0x7fc02000, 0xffaaa000,
  ]);
});

test('bfloat16 is the upper half of float32', () => {
  expect(bits(bfloat16ToFloat32(Uint16Array.of(0x3f80, 0x8001, 0x7fc1)))).toEqual([0x3f800000, 0x80010000, 0x7fc10000]);
});

test('bytes at an odd offset are copied, others are viewed', () => {
  const bytes = Uint8Array.of(9, 1, 2, 3, 4, 5);
  expect([...asUint16(bytes.subarray(1, 5))]).toEqual([0x0201, 0x0403]);
  expect(asUint16(bytes.subarray(2)).buffer).toBe(bytes.buffer);
});

test('to half floats: every one comes back, what lies between goes to the nearer, ties to even', () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
  expect(float32ToFloat16(float16ToFloat32(halves))).toEqual(halves);
  const positive = float16ToFloat32(halves.subarray(0, 0x7c00));
  const middles = Float64Array.from(positive.subarray(1), (value, i) => (value + positive[i]!) / 2);
  const nudge = (factor: number) => float32ToFloat16(Float32Array.from(middles, (middle) => middle * factor));
  const [below, at, above] = [nudge(1 - 2 ** -20), nudge(1), nudge(1 + 2 ** -20)];
  for (let i = 0; i < middles.length; i++) {
    if (below[i] === i && at[i] === i + (i % 2) && above[i] === i + 1) continue;
    expect([i, below[i], at[i], above[i]]).toEqual([i, i, i + (i % 2), i + 1]);
  }
  expect([...float32ToFloat16(Float32Array.of(65_519, 65_520, -1e30, Number.POSITIVE_INFINITY, -0, 1e-9))]).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x8000, 0,
  ]);
  expect(float32ToFloat16(Float32Array.of(Number.NaN))[0]! & 0x7fff).toBeGreaterThan(0x7c00);
});
