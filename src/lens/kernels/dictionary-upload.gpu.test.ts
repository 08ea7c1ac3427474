import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  AbortedError,
  DamagedStoreError,
  InvalidOptionError,
  ShapeMismatchError,
  UnsupportedModelError,
} from '../api/errors';
import { made } from '../testing/dictionary-pieces';
import { computePair, type Pair, testDevice } from '../testing/kernels';
import { checkDictionarySize, uploadDictionaryParts } from './dictionary-upload';
import { Recorder } from './recorder';
import { createWasmCompute } from './wasm';
import { createWebGpuCompute } from './webgpu';

let pair: Pair;
let recorder: Recorder;
beforeAll(async () => {
  pair = await computePair();
  recorder = new Recorder(pair.device);
});
afterEach(() => expect(pair.errors).toEqual([]));

describe('what cannot be uploaded', () => {
  const small = () => made(8, 20, 3, 'f16').parts;

  it('pieces, vectors and k that do not fit', async () => {
    const parts = small();
    const { pieces } = parts.decoder;
    for (const [change, error] of [
      [{ decoder: { transposed: true, pieces: pieces.slice(1) } }, ShapeMismatchError],
      [{ encoderBias: new Float32Array(19) }, ShapeMismatchError],
      [{ center: new Float32Array(9) }, ShapeMismatchError],
      [{ k: 0 }, UnsupportedModelError],
      [{ k: 1025 }, UnsupportedModelError],
      [{ format: 'f32' as never }, InvalidOptionError],
      [
        {
          decoder: {
            transposed: true,
            pieces: pieces.map(({ rows }) => ({ rows, read: async () => new Uint8Array(6) })),
          },
        },
        DamagedStoreError,
      ],
    ] as const)
      for (const compute of [pair.gpu, createWasmCompute()])
        await expect(compute.dictionaryFromParts({ ...parts, ...change })).rejects.toBeInstanceOf(error);
  });

  it('a failure and a signal leave nothing on the GPU', async () => {
    const alive = new Set<string>();
    const device = new Proxy(pair.device, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (key !== 'createBuffer') return typeof value === 'function' ? value.bind(target) : value;
        return (descriptor: GPUBufferDescriptor) => {
          const buffer = target.createBuffer(descriptor);
          const destroy = buffer.destroy.bind(buffer);
          alive.add(buffer.label);
          buffer.destroy = () => {
            alive.delete(buffer.label);
            destroy();
          };
          return buffer;
        };
      },
    });
    const parts = { ...small(), format: 'int8' as const };
    const stop = new AbortController();
    const pieces = parts.decoder.pieces.map((piece, i) => ({
      rows: piece.rows,
      read: i === 1 ? () => Promise.reject(new DamagedStoreError('damaged')) : piece.read,
    }));
    const damaged = { ...parts, decoder: { transposed: true, pieces } };
    await expect(uploadDictionaryParts(device, recorder, damaged)).rejects.toBeInstanceOf(DamagedStoreError);
    expect([...alive]).toEqual([]);
    const stopped = uploadDictionaryParts(device, recorder, parts, {
      signal: stop.signal,
      onBytes: () => stop.abort(),
    });
    await expect(stopped).rejects.toBeInstanceOf(AbortedError);
    expect([...alive]).toEqual([]);
    await uploadDictionaryParts(device, recorder, parts);
    expect([...alive].sort()).toEqual(['The decoder', 'The encoder']);
  });

  it('a matrix above the binding limit, by name, with int8 where that would fit', async () => {
    const bare = { maxBufferSize: 256 * 2 ** 20, maxStorageBufferBindingSize: 128 * 2 ** 20 };
    const size = { d: 2048, width: 32768, format: 'f16' } as const;
    expect(() => checkDictionarySize(bare, size)).toThrow(
      'The dictionary’s encoder needs 129 MiB in one buffer, and this GPU takes 128 MiB. As int8 it needs 65 MiB: open it as int8.',
    );
    expect(() => checkDictionarySize(bare, { ...size, format: 'int8' })).not.toThrow();
    expect(() => checkDictionarySize(bare, { ...size, width: 131072 })).toThrow(/smaller width/);
    expect(() => checkDictionarySize(bare, { ...size, width: 131072, format: 'int8' })).toThrow(UnsupportedModelError);
    const desktop = { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 - 4 };
    for (const format of ['f16', 'int8'] as const)
      expect(() => checkDictionarySize(desktop, { d: 5120, width: 81920, format })).not.toThrow();
    const { device, errors } = await testDevice(true);
    const parts = made(4096, 4, 2, 'f16').parts;
    const wide = {
      ...parts,
      width: 32768,
      encoder: { transposed: false, pieces: [{ rows: 32768, read: () => Promise.reject(new Error('read')) }] },
    };
    const compute = createWebGpuCompute(device);
    await expect(
      compute.dictionaryFromParts({ ...wide, encoderBias: new Float32Array(32768), decoder: wide.encoder }),
    ).rejects.toBeInstanceOf(UnsupportedModelError);
    expect(errors).toEqual([]);
    device.destroy();
  });
});
