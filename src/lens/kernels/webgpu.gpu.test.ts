import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeviceLostError, InvalidOptionError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import {
  computePair,
  integerDictionary,
  integers,
  listOf,
  normals,
  type Pair,
  testDevice,
  u32,
} from '../testing/kernels';
import { ownDevice } from '../testing/shared-gpu';
import { type Slot, slice } from './compute';
import { gpuBuffer } from './gpu-rows';
import { kernel, reads, writes } from './kernel';
import { recordLogsumexp } from './logsumexp';
import { Recorder } from './recorder';
import { main } from './snippets';
import { createWebGpuCompute } from './webgpu';

let pair: Pair;
beforeAll(async () => {
  pair = await computePair(true);
});
afterEach(() => expect(pair.errors).toEqual([]));

describe('on a device with the least limits', () => {
  it('every operation runs', async () => {
    const { gpu } = pair;
    const dictionary = gpu.dictionary(integerDictionary(9, 512, 8, 'float16'));
    const h = gpu.rows(20, 9, integers(180, 1));
    const codes = gpu.codes(dictionary, 20);
    gpu.encode(dictionary, slice(h), 20, slice(codes));
    gpu.encode(dictionary, slice(h), 2, slice(codes));
    const report = gpu.rows(20, 4);
    const dense = gpu.rows(20, 512);
    gpu.takeDispatches();
    const counts: Record<string, number> = {};
    const count = (name: string, work: () => void) => {
      work();
      counts[name] = gpu.takeDispatches();
    };
    const programs: Slot[][] = [[{ mode: 'add', feature: 1, strength: 1, on: 'active' }]];
    count('edit', () =>
      gpu.edit(dictionary, { h: slice(h), programs, codes: slice(codes), vectors: null, report: slice(report) }),
    );
    const moves = [{ row: 3, source: 0, direction: 0 }];
    const directions = gpu.rows(1, 9, integers(9, 2));
    count('match', () => gpu.match({ h: slice(h), moves, directions, source: report, report: slice(report) }));
    count('scatter', () => gpu.scatter(dictionary, slice(codes), 20, dense));
    count('preactivation', () => gpu.preactivation(dictionary, h, 5, gpu.rows(20, 1)));
    count('topk', () => gpu.topk(dense, 20, 8, codes.ids, codes.values));
    count('logsumexp', () => gpu.logsumexp(dense, 20, null, gpu.rows(20, 2)));
    count('kl', () => gpu.kl(dense, dense, [{ p: 0, q: 1 }], gpu.rows(1, 1)));
    expect(counts).toEqual({ edit: 1, match: 1, scatter: 1, preactivation: 1, topk: 1, logsumexp: 1, kl: 1 });
    await gpu.read([report]);
  });

  it('refuses a matrix that the GPU cannot bind, by name', () => {
    expect(() => pair.gpu.rows(1, 2 ** 26)).toThrow(UnsupportedModelError);
  });
});

describe('order', () => {
  it('keeps copies, of one matrix and of two, and dispatches in the order they were asked for', async () => {
    const { gpu } = pair;
    const x = gpu.rows(2, 4, Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0));
    const other = gpu.rows(2, 4, Float32Array.of(9, 0, 0, 0, 0, 0, 8, 0));
    const tops = Array.from({ length: 4 }, () => [gpu.rows(1, 1), gpu.rows(1, 1)] as const);
    const take = (i: number) => gpu.topk(x, 1, 1, ...tops[i]!);
    take(0);
    gpu.copy(slice(other), slice(x), 1);
    take(1);
    gpu.copy(slice(x, 1), slice(x), 1);
    take(2);
    gpu.copy(slice(other, 1), slice(x, 1), 1);
    gpu.copy(slice(x, 1), slice(x), 1);
    take(3);
    const read = await gpu.read(tops.flat());
    expect(read.filter((_, i) => i % 2 === 1).map((a) => a[0])).toEqual([4, 9, 0, 8]);
    expect(read.filter((_, i) => i % 2 === 0).map((a) => u32(a)[0])).toEqual([3, 0, 0, 2]);
  });

  it('gives each of many dispatches its own arguments', async () => {
    const { gpu } = pair;
    const x = gpu.rows(1, 600, normals(600, 1));
    const outs = Array.from({ length: 600 }, () => gpu.rows(1, 2));
    outs.forEach((out, i) => {
      gpu.logsumexp(x, 1, Uint32Array.of(i), out);
    });
    const read = await gpu.read([x, ...outs]);
    expect(read.slice(1).map((a) => a[1])).toEqual([...read[0]!]);
  });

  it('takes tables larger than the arena', async () => {
    const { gpu } = pair;
    const dictionary = gpu.dictionary(integerDictionary(4, 512, 4, 'float32'));
    const [h, report] = [gpu.rows(9, 4), gpu.rows(9, 4)];
    const slots = Array.from({ length: 256 }, (_, i) => ({
      mode: 'add' as const,
      feature: 0,
      vector: 0,
      strength: i + 1,
      on: 'active' as const,
    }));
    const programs = Array.from({ length: 9 }, () => slots);
    gpu.edit(dictionary, {
      h: slice(h),
      programs,
      codes: slice(gpu.codes(dictionary, 9)),
      vectors: gpu.rows(1, 4, Float32Array.of(1, 0, 0, 0)),
      report: slice(report),
    });
    const [moved] = await gpu.read([h]);
    expect(moved).toEqual(Float32Array.from({ length: 36 }, (_, i) => (i % 4 === 0 ? (256 * 257) / 2 : 0)));
  });

  it('releases rows only after the work that reads them', async () => {
    const { gpu } = pair;
    const dictionary = gpu.dictionary(integerDictionary(4, 512, 4, 'float32'));
    const h = gpu.rows(3, 4, integers(12, 1));
    const codes = gpu.codes(dictionary, 3);
    gpu.encode(dictionary, slice(h), 1, slice(codes));
    gpu.encode(dictionary, slice(h), 3, slice(codes));
    gpu.release(h);
    gpu.releaseDictionary(dictionary);
    const [ids] = await gpu.read(listOf(codes));
    expect(u32(ids!)[0]).toBeLessThan(512);
  });

  it('reads twice at once', async () => {
    const { gpu } = pair;
    const [a, b] = [gpu.rows(1, 1, Float32Array.of(1)), gpu.rows(1, 1, Float32Array.of(2))];
    const [first, second] = await Promise.all([gpu.read([a]), gpu.read([b, a])]);
    expect([first[0]![0], second[0]![0], second[1]![0]]).toEqual([1, 2, 1]);
  });
});

it('fills a kernel by name, whatever order the names are given in', async () => {
  const { device, gpu } = pair;
  const recorder = new Recorder(device);
  const difference = kernel({
    name: 'difference',
    args: ['factor', 'offset'],
    bindings: { left: reads('u32'), right: reads('u32'), out: writes('u32') },
    body: () => `${main(64)} {
  if (lane == 0u) { out[group_index(id, groups)] = args.factor * (left[0] - right[0]) + args.offset; }
}`,
  });
  const [out, right] = [gpu.rows(1, 1), gpu.rows(1, 1, Uint32Array.of(3))];
  recorder.dispatch(difference, {
    args: { offset: 5, factor: 100 },
    bindings: { out, right, left: Uint32Array.of(7) },
    groups: 1,
  });
  recorder.flush();
  expect(u32((await gpu.read([out]))[0]!)[0]).toBe(405);
  recorder.destroy();
});

it('spreads workgroups over two dimensions where one does not hold them', async () => {
  const { device, gpu } = pair;
  const recorder = new Recorder(device, 7);
  const x = gpu.rows(17, 3, integers(51, 2, 50));
  const out = gpu.rows(17, 2);
  recordLogsumexp(recorder, x, 17, new Uint32Array(17).fill(1), out);
  recorder.flush();
  const [values, result] = await gpu.read([x, out]);
  expect(result!.filter((_, i) => i % 2 === 1)).toEqual(values!.filter((_, i) => i % 3 === 1));
  recorder.destroy();
});

it('rows can be bound by ONNX Runtime: size a multiple of 16, all usages', async () => {
  const { gpu } = pair;
  const buffer = gpuBuffer(gpu.rows(3, 3));
  expect(buffer.size).toBe(48);
  expect(buffer.usage).toBe(GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  const rows = gpu.rows(3, 4);
  expect(() => gpu.copy(slice(rows), slice(rows, 2), 2)).toThrow(ShapeMismatchError);
  expect(() => gpuBuffer(pair.cpu.rows(1, 1))).toThrow(InvalidOptionError);
});

it('a lost device rejects the read with its own error', async () => {
  const { device } = await ownDevice(testDevice);
  const compute = createWebGpuCompute(device);
  const rows = compute.rows(1, 4);
  device.destroy();
  await expect(compute.read([rows])).rejects.toBeInstanceOf(DeviceLostError);
});
