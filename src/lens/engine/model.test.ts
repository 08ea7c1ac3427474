import { expect, test, vi } from 'vitest';
import { weightsBound } from '../graph/bound';
import { createWasmCompute } from '../kernels/wasm';
import { SMALL } from '../testing/reference';
import type { Gpu } from './device';
import { Model } from './model';
import { ResidentWeights } from './resident';
import type { Runtime } from './runtime';

test('where a buffer is missing no session stays, that of the part under way neither', async () => {
  const source = {
    contextLength: 8,
    encoding: () => 'f32' as const,
    vector: (_: string, length: number) => new Float32Array(length),
  };
  const weights = Object.assign(Object.create(ResidentWeights.prototype) as ResidentWeights, {
    graph: () => weightsBound(config, source, 'float32'),
    buffer: ({ name }: { name: string }) => {
      if (name.startsWith('model.layers.1.')) throw new Error(`no ${name}`);
      return {};
    },
  });
  const config = { ...SMALL, layers: 2 };
  const release = vi.fn(async () => {});
  const create = vi.fn(async () => ({ release }));
  const runtime = {
    ort: { InferenceSession: { create }, Tensor: { fromGpuBuffer: () => ({}) } },
  } as unknown as Runtime;
  const made = Model.create({ config, weights, sites: [0], runtime, gpu: {} as Gpu, compute: createWasmCompute() });
  await expect(made).rejects.toThrow('no model.layers.1.');
  expect(create).toHaveBeenCalledTimes(3);
  expect(release).toHaveBeenCalledTimes(3);
});
