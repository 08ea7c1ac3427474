import { expect, test } from 'vitest';
import { asUint16, bfloat16ToFloat32, float16ToFloat32 } from './halves';

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
  expect(bits(float16ToFloat32(Uint16Array.of(0x7c00, 0xfc00, 0x7e01, 0xfd55)))).toEqual([0x7f800000, 0xff800000, 0x7fc02000, 0xffaaa000]);
});

test('bfloat16 is the upper half of float32', () => {
  expect(bits(bfloat16ToFloat32(Uint16Array.of(0x3f80, 0x8001, 0x7fc1)))).toEqual([0x3f800000, 0x80010000, 0x7fc10000]);
});

test('bytes at an odd offset are copied, others are viewed', () => {
  const bytes = Uint8Array.of(9, 1, 2, 3, 4, 5);
  expect([...asUint16(bytes.subarray(1, 5))]).toEqual([0x0201, 0x0403]);
  expect(asUint16(bytes.subarray(2)).buffer).toBe(bytes.buffer);
});
