import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AbortedError,
  CorruptFileError,
  DamagedStoreError,
  ShapeMismatchError,
  UnsupportedModelError,
} from '../api/errors';
import type { WeightFormat } from '../api/model';
import type { PiecedTensor } from '../folders/pieces';
import { float32ToFloat16 } from '../formats/halves';
import { tensorsOf } from '../graph/tensors';
import { modelBytes } from '../sizes';
import { keep } from '../testing/keep';
import { openPlanted, type Planted } from '../testing/planted';
import { openGpu } from './device';
import { recordHalves } from './halve';
import { type LoadOptions, ResidentWeights } from './resident';

let device: GPUDevice;
let planted: Planted;
beforeAll(async () => {
  device = (await openGpu(false)).device;
  planted = await openPlanted('planted-qwen3-untied-sharded');
});
afterAll(() => device.destroy());

const kept = (format: WeightFormat = 'q4', rows?: number) => keep(planted.config, planted.weights, format, rows);
const load = (options: Partial<LoadOptions> = {}) =>
  ResidentWeights.load({
    config: planted.config,
    format: 'q4',
    tensors: kept(),
    device,
    contextLength: 64,
    ...options,
  });

async function read(buffer: GPUBuffer): Promise<Uint8Array> {
  const staging = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const bytes = new Uint8Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return bytes;
}

/** The device, but with limits of its own. */
function limited(bytes: number): GPUDevice {
  return new Proxy(device, {
    get: (target, key) => {
      if (key === 'limits') return { maxBufferSize: bytes * 2, maxStorageBufferBindingSize: bytes };
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const UP = 'model.layers.1.mlp.up_proj.weight';

test.each<[WeightFormat, number]>([
  ['q4', 1],
  ['q4', 25],
  ['q8', 1e9],
  ['f32', 7],
])(
  'as %s, in pieces of %i rows, every matrix lies in one buffer, packed bytes and scales apart',
  async (format, rows) => {
    const resident = await load({ format, tensors: kept(format, rows) });
    const whole = kept(format, 1e9);
    let bytes = 0;
    for (const { name, shape } of tensorsOf(planted.config)) {
      if (shape.length === 1) {
        expect(resident.vector(name, shape[0])).toEqual(planted.weights.float32(name, shape));
        continue;
      }
      const expected = await whole.get(name)!.pieces[0]!.read();
      const encoding = resident.encoding(name);
      const scales = encoding === 'f32' ? 0 : (shape[0] * shape[1]) / 8;
      expect(await read(resident.buffer({ name, type: 'uint8', dims: [] }))).toEqual(
        expected.slice(0, expected.length - scales),
      );
      if (scales)
        expect(await read(resident.buffer({ name: `${name}.scales`, type: 'float32', dims: [] }))).toEqual(
          expected.slice(expected.length - scales),
        );
      bytes += expected.length;
    }
    expect(resident.bytes).toBe(bytes);
    expect(resident.bytes).toBe(modelBytes(planted.config, format));
    resident.release();
  },
);

test('scales and tables of half floats are made when they are asked for, and the others freed when it is settled', async () => {
  const resident = await load();
  const before = resident.bytes;
  const scales = (await kept('q4', 1e9).get(UP)!.pieces[0]!.read()).slice(-(96 * 64) / 8);
  const half = await read(resident.buffer({ name: `${UP}.scales`, type: 'float16', dims: [] }));
  expect(half).toEqual(new Uint8Array(float32ToFloat16(new Float32Array(scales.buffer)).buffer));
  const cos = await read(resident.buffer({ name: 'rope.cos', type: 'float16', dims: [] }));
  expect(cos.slice(0, 2)).toEqual(Uint8Array.of(0, 0x3c)); // 1
  expect(resident.bytes).toBe(before + half.length + cos.length);
  resident.settle('float32');
  expect(resident.bytes).toBe(before);
  resident.release();
  expect(resident.bytes).toBe(0);
});

test('half floats on the device are those of formats/halves.ts, an odd number of them too', async () => {
  const numbers = Float32Array.from(
    { length: 70_001 },
    (_, i) => (i % 2 ? -1 : 1) * 2 ** ((i % 61) - 35) * (1 + (i * 7919) / 524_287),
  );
  numbers.set([65_519, 65_520, Number.POSITIVE_INFINITY, 0, -0, 1.5 * 2 ** -24, 2.5 * 2 ** -24, 2 ** -25, 2049, 2051]);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const from = device.createBuffer({ size: 4 * numbers.length, usage });
  const to = device.createBuffer({ size: 2 * (numbers.length + 1), usage });
  device.queue.writeBuffer(from, 0, numbers);
  recordHalves(device, from, numbers.length, to);
  expect(new Uint16Array((await read(to)).buffer).subarray(0, numbers.length)).toEqual(float32ToFloat16(numbers));
});

describe('what does not fit is refused before anything is read', () => {
  const change = (name: string, to: Partial<PiecedTensor> | null) => {
    const tensors = kept();
    if (to) tensors.set(name, { ...tensors.get(name)!, ...to });
    else tensors.delete(name);
    for (const [, tensor] of tensors)
      for (const piece of tensor.pieces) piece.read = () => Promise.reject(new Error('was read'));
    return { tensors };
  };

  test.each<[string, () => Partial<LoadOptions>, abstract new (...args: never[]) => Error, RegExp]>([
    ['a tensor is missing', () => change(UP, null), CorruptFileError, /up_proj/],
    [
      'a matrix of another model',
      () => change(UP, { shape: [96, 128] }),
      ShapeMismatchError,
      /\[96, 128\].*\[96, 64\]/,
    ],
    ['another format', () => change(UP, { encoding: 'q8' }), DamagedStoreError, /as q8; q4 needs/],
    ['rows are missing', () => change(UP, { pieces: kept().get(UP)!.pieces.slice(1) }), DamagedStoreError, /72 rows/],
    [
      'a buffer above the limit',
      () => ({ ...change(UP, {}), device: limited(4000) }),
      UnsupportedModelError,
      /embed_tokens.* in one buffer/,
    ],
    [
      'half floats on a device without',
      () => ({ ...change(UP, {}), format: 'f16' }),
      UnsupportedModelError,
      /shader-f16/,
    ],
  ])('%s', async (_, options, error, words) => {
    const failure = load(options());
    await expect(failure).rejects.toThrow(error);
    await expect(failure).rejects.toThrow(words);
  });

  test('rows that are no whole blocks', async () => {
    const config = { ...planted.config, intermediate: 72 };
    const tensors = kept();
    for (const l of [0, 1, 2]) {
      for (const kind of ['gate', 'up'])
        tensors.set(`model.layers.${l}.mlp.${kind}_proj.weight`, {
          ...tensors.get(UP)!,
          shape: [72, 64],
          pieces: [{ rows: 72, read: never }],
        });
      tensors.set(`model.layers.${l}.mlp.down_proj.weight`, {
        ...tensors.get(UP)!,
        shape: [64, 72],
        pieces: [{ rows: 64, read: never }],
      });
    }
    await expect(load({ config, tensors })).rejects.toThrow(/rows of 72 numbers; q4 needs a multiple of 32/);
  });
});

const never = () => new Promise<never>(() => {});

test('a piece of the wrong length, one that fails, and a signal end it', async () => {
  const broken = (read: () => Promise<Uint8Array>) => {
    const tensors = kept();
    const pieces = tensors.get(UP)!.pieces.map((piece, i) => (i === 2 ? { ...piece, read } : piece));
    return tensors.set(UP, { ...tensors.get(UP)!, pieces });
  };
  await expect(load({ tensors: broken(async () => new Uint8Array(7)) })).rejects.toThrow(DamagedStoreError);
  await expect(load({ tensors: broken(() => Promise.reject(new DamagedStoreError('a part'))) })).rejects.toThrow(
    'a part',
  );
  const stop = new AbortController();
  let last = 0;
  const stopped = load({
    signal: stop.signal,
    onBytes: (loaded) => {
      last = loaded;
      if (loaded > 20_000) stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(AbortedError);
  expect(last).toBeLessThan(30_000);
});

test('pieces are read a few ahead and no more, and counted as they arrive', async () => {
  let [open, most] = [0, 0];
  const tensors = kept();
  for (const [name, tensor] of tensors) {
    const pieces = tensor.pieces.map((piece) => ({
      ...piece,
      read: async () => {
        most = Math.max(most, ++open);
        const bytes = await piece.read();
        await new Promise((resolve) => setTimeout(resolve));
        open--;
        return bytes;
      },
    }));
    tensors.set(name, { ...tensor, pieces });
  }
  const told: [number, number][] = [];
  const resident = await load({ tensors, onBytes: (loaded, total) => told.push([loaded, total]) });
  expect(most).toBe(4);
  expect(told.at(-1)![0]).toBe(told[0]![1]);
  expect(told.every(([loaded], i) => i === 0 || loaded > told[i - 1]![0])).toBe(true);
  resident.release();
});
