import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  CorruptFileError,
  DeviceLostError,
  DisposedError,
  ShapeMismatchError,
  UnsupportedModelError,
} from '../api/errors';
import { BLOCK, dequantise } from '../formats/quantise';
import { normals, testDevice, uniform } from '../testing/kernels';
import { ownDevice } from '../testing/shared-gpu';
import { createConverter } from './convert';
import { createHostConverter, storedNumbers } from './convert-host';
import { BYTES_PER, type Converter, type StoredFloat } from './converter';

let device: GPUDevice;
let errors: string[];
let gpu: Converter;
const host = createHostConverter();
beforeAll(async () => {
  ({ device, errors } = await testDevice(true));
  gpu = createConverter(device);
});
afterEach(() => expect(errors).toEqual([]));

const DTYPES = ['F32', 'F16', 'BF16'] as const;

/** The bytes from which float32, float16 or bfloat16 with these bits would be read. */
const bytesOf = (dtype: StoredFloat, bits: number[]) =>
  new Uint8Array((dtype === 'F32' ? Uint32Array.from(bits) : Uint16Array.from(bits)).buffer);

/** `count` stored numbers that fit a float16: of every size that the format has, zeros and subnormals among them. */
function randomBytes(dtype: StoredFloat, count: number, seed: number): Uint8Array {
  const next = uniform(seed);
  const most = { F32: 0x477fefff, F16: 0x7bff, BF16: 0x477f }[dtype];
  const sign = dtype === 'F32' ? 0x80000000 : 0x8000;
  return bytesOf(
    dtype,
    Array.from({ length: count }, () => (next() < 0.5 ? sign : 0) + (next() < 0.05 ? 0 : Math.floor(next() * most))),
  );
}

/** As a checkpoint has them: normal, some columns large. */
function weightBytes(dtype: StoredFloat, count: number, seed: number): Uint8Array {
  const numbers = normals(count, seed, 0.03).map((x, i) => (i % 37 === 0 ? 20 * x : x));
  if (dtype === 'F32') return new Uint8Array(numbers.buffer);
  const bits = new Uint32Array(numbers.buffer);
  // Cut off, not rounded: any number of the format will do.
  if (dtype === 'BF16')
    return bytesOf(
      dtype,
      Array.from(bits, (b) => b >>> 16),
    );
  return bytesOf(
    dtype,
    Array.from(bits, (b) => ((b >>> 16) & 0x8000) | Math.max(0, ((b & 0x7fffffff) - 0x38000000) >> 13)),
  );
}

/** Scales to the bit; codes alike, or one apart where the number lies between two levels: within 1e-5 (4 bits) or 4e-5
 *  (8) of their middle. */
async function agree(
  bytes: Uint8Array,
  dtype: StoredFloat,
  rows: number,
  columns: number,
  bits: 4 | 8,
  converter = gpu,
): Promise<number> {
  const [mine, truth] = await Promise.all([
    converter.quantise(bytes, dtype, rows, columns, bits),
    host.quantise(bytes, dtype, rows, columns, bits),
  ]);
  expect(mine.scales).toEqual(truth.scales);
  expect(mine.packed.length).toBe(truth.packed.length);
  const numbers = storedNumbers(bytes, dtype);
  const [a, b] = [codes(mine.packed, bits), codes(truth.packed, bits)];
  let apart = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    apart++;
    const level = numbers[i]! / truth.scales[Math.floor(i / BLOCK)]! + (bits === 4 ? 8 : 128) + 0.5;
    expect(Math.abs(a[i]! - b[i]!)).toBe(1);
    expect(Math.abs(level - Math.round(level))).toBeLessThan(bits === 4 ? 1e-5 : 4e-5);
  }
  return apart / a.length;
}

const codes = (packed: Uint8Array, bits: 4 | 8) =>
  bits === 8 ? Array.from(packed) : Array.from(packed, (byte) => [byte & 15, byte >> 4]).flat();

describe('blocks of 4 and 8 bits', () => {
  for (const dtype of DTYPES) {
    it(`${dtype}: weights agree with the oracle`, async () => {
      for (const bits of [4, 8] as const) {
        const apart = await agree(weightBytes(dtype, 96 * 352, 3), dtype, 96, 352, bits);
        expect(apart).toBeLessThan(1e-3);
      }
    });

    it(`${dtype}: numbers of every size, one block and odd rows`, async () => {
      for (const bits of [4, 8] as const) {
        await agree(randomBytes(dtype, 32, 1), dtype, 1, 32, bits);
        await agree(randomBytes(dtype, 33 * 96, 2), dtype, 33, 96, bits);
      }
    });

    it(`${dtype}: in chunks as in one, from bytes at an odd place`, async () => {
      const bytes = weightBytes(dtype, 7 * 96, 5);
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      const small = createConverter(device, 5 * BLOCK * BYTES_PER[dtype]);
      const one = await gpu.quantise(bytes, dtype, 7, 96, 4);
      const cut = await small.quantise(shifted.subarray(3), dtype, 7, 96, 4);
      expect(cut).toEqual(one);
      small.destroy();
    });
  }

  it('a block of zeros, of numbers too small to scale, of negatives only, of equal numbers', async () => {
    const blocks = [
      new Float32Array(32),
      new Float32Array(32).fill(-0),
      new Float32Array(32).fill(1e-40), // a subnormal
      new Float32Array(32).fill(2 ** -101),
      new Float32Array(32).fill(-(2 ** -99)),
      normals(32, 1).map((x) => -Math.abs(x)),
      new Float32Array(32).fill(3),
      normals(32, 2).map((x, i) => (i % 2 ? 1e-40 : x)),
      Float32Array.from({ length: 32 }, (_, i) => (i === 30 ? -7 : 7)),
      Float32Array.from({ length: 32 }, (_, i) => (i === 31 ? -7 : 7)), // equal magnitudes: the first one counts
    ];
    const bytes = new Uint8Array(Float32Array.from(blocks.flatMap((block) => [...block])).buffer);
    for (const bits of [4, 8] as const) {
      await agree(bytes, 'F32', blocks.length, 32, bits);
      const numbers = dequantise((await gpu.quantise(bytes, 'F32', blocks.length, 32, bits)) as never, bits);
      expect(numbers.subarray(0, 4 * 32).every((x) => x === 0)).toBe(true);
      expect(numbers[6 * 32]).toBe(3);
    }
  });
});

describe('float16', () => {
  it('of every float16, and of every bfloat16 that fits: to the bit', async () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      const bytes = bytesOf(
        dtype,
        Array.from({ length: 0x10000 }, (_, i) => i).filter((i) => (i & 0x7fff) < (dtype === 'F16' ? 0x7c00 : 0x4780)),
      );
      const count = bytes.length / 2;
      const halves = await gpu.halves(bytes, dtype, count);
      expect(halves).toEqual(await host.halves(bytes, dtype, count));
      if (dtype === 'F16') expect(halves).toEqual(bytes);
    }
  });

  it('of float32: ties to even, the limits of subnormals, an odd count', async () => {
    // Around the places where a float16 begins, ends and doubles its step, and around every middle between two of its
    // smallest.
    const places = [
      0x33000000, 0x33800000, 0x38800000, 0x3f800000, 0x477fe000, 0x387fe000, 0x33c00000, 0x34200000, 0x3f801000,
      0x3f803000,
    ];
    const bits = places.flatMap((place) => [-2, -1, 0, 1, 2].flatMap((by) => [place + by, place + by + 0x80000000]));
    const bytes = bytesOf('F32', [...bits, 0, 0x80000000, 1, 0x477fefff, 0x007fffff]);
    expect((bytes.length / 4) % 2).toBe(1);
    expect(await gpu.halves(bytes, 'F32', bytes.length / 4)).toEqual(await host.halves(bytes, 'F32', bytes.length / 4));
  });

  for (const dtype of DTYPES) {
    it(`${dtype}: random numbers, in chunks and not, overlapping calls`, async () => {
      const small = createConverter(device, 3 * BLOCK * BYTES_PER[dtype]);
      const lists = [1, 2, 31, 1001, 4096].map((count) => ({ count, bytes: randomBytes(dtype, count, count) }));
      const results = await Promise.all(
        lists.flatMap(({ bytes, count }) => [gpu.halves(bytes, dtype, count), small.halves(bytes, dtype, count)]),
      );
      for (const [i, { bytes, count }] of lists.entries()) {
        const truth = await host.halves(bytes, dtype, count);
        expect(results[2 * i]).toEqual(truth);
        expect(results[2 * i + 1]).toEqual(truth);
      }
      small.destroy();
    });
  }
});

describe('refuses', () => {
  const bad = {
    F32: [0x7f800000, 0xff800000, 0x7fc00001, 0x477ff000, 0xff7fffff],
    F16: [0x7c00, 0xfc00, 0x7e01],
    BF16: [0x7f80, 0xff80, 0x7fc1, 0x4780],
  };
  for (const dtype of DTYPES) {
    it(`${dtype}: what is not finite or too large, and counts it over all chunks`, async () => {
      const bytes = weightBytes(dtype, 4 * 64, 1);
      const view = new DataView(bytes.buffer);
      bad[dtype].forEach((bits, i) => {
        const at = (i * 60 + 3) * BYTES_PER[dtype];
        if (dtype === 'F32') view.setUint32(at, bits, true);
        else view.setUint16(at, bits, true);
      });
      const small = createConverter(device, BLOCK * BYTES_PER[dtype]);
      const expected = { fields: { refused: bad[dtype].length, count: 256 } };
      for (const converter of [gpu, small, host]) {
        for (const bits of [4, 8] as const)
          await expect(converter.quantise(bytes, dtype, 4, 64, bits)).rejects.toMatchObject(expected);
        await expect(converter.halves(bytes, dtype, 256)).rejects.toMatchObject(expected);
        await expect(converter.halves(bytes, dtype, 256)).rejects.toBeInstanceOf(CorruptFileError);
      }
      small.destroy();
      // The next call is not told of it.
      await gpu.halves(weightBytes(dtype, 64, 2), dtype, 64);
    });
  }

  it('another length, rows of no whole blocks, and nothing at all is nothing', async () => {
    for (const converter of [gpu, host]) {
      await expect(converter.halves(new Uint8Array(7), 'F16', 4)).rejects.toBeInstanceOf(ShapeMismatchError);
      await expect(converter.quantise(new Uint8Array(4 * 33), 'F32', 1, 33, 4)).rejects.toBeInstanceOf(
        ShapeMismatchError,
      );
      expect(await converter.halves(new Uint8Array(0), 'F32', 0)).toEqual(new Uint8Array(0));
    }
  });
});

it('ends with its device, or when it is closed', async () => {
  const own = await ownDevice(testDevice);
  const converter = createConverter(own.device);
  own.device.destroy();
  await expect(converter.halves(new Uint8Array(8), 'F32', 2)).rejects.toBeInstanceOf(DeviceLostError);
  const closed = createConverter(device);
  closed.destroy();
  await expect(closed.halves(new Uint8Array(8), 'F32', 2)).rejects.toBeInstanceOf(DisposedError);
});

/** The device with another way to make buffers. */
function withBuffers(createBuffer: (descriptor: GPUBufferDescriptor) => GPUBuffer): GPUDevice {
  return new Proxy(device, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (key === 'createBuffer') return createBuffer;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

it.each(['packed', 'scales', 'halves'])(
  'where the GPU has no room for the %s it says so, and gives no bytes',
  async (label) => {
    // Larger than any device can make: the buffer exists but is invalid, as after running out of memory.
    const converter = createConverter(
      withBuffers((descriptor) =>
        device.createBuffer(descriptor.label === label ? { ...descriptor, size: 2 ** 52 } : descriptor),
      ),
    );
    const bytes = weightBytes('BF16', 64 * 64, 1);
    const work =
      label === 'halves' ? converter.halves(bytes, 'BF16', 64 * 64) : converter.quantise(bytes, 'BF16', 64, 64, 4);
    await expect(work).rejects.toThrow(UnsupportedModelError);
    converter.destroy();
  },
);

it('makes no buffers once it is warm', async () => {
  let made = 0;
  const count = (descriptor: GPUBufferDescriptor) => {
    made++;
    return device.createBuffer(descriptor);
  };
  const converter = createConverter(withBuffers(count));
  const bytes = weightBytes('BF16', 64 * 64, 1);
  await converter.quantise(bytes, 'BF16', 64, 64, 4);
  await converter.halves(bytes, 'BF16', 64 * 64);
  const warm = made;
  await Promise.all(
    [1, 2, 3].flatMap(() => [converter.quantise(bytes, 'BF16', 64, 64, 4), converter.halves(bytes, 'BF16', 64 * 64)]),
  );
  expect(made).toBe(warm);
  converter.destroy();
});
