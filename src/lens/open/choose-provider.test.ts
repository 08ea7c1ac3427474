import { expect, test } from 'vitest';
import { WebGPUUnavailableError } from '../api/errors';
import type { Gpu } from '../engine/device';
import { chooseProvider, type Rungs } from './choose-provider';

interface Opened {
  on: string;
  notices: string[];
}

function rungs(options: {
  wanted?: Rungs<Opened>['wanted'];
  gpu?: Partial<Gpu> | Error;
  agrees?: (gpu: Gpu) => boolean;
}): Rungs<Opened> & { destroyed: number } {
  const { wanted = 'auto', gpu = {}, agrees = () => true } = options;
  const state = {
    wanted,
    destroyed: 0,
    openGpu: async (allow: boolean): Promise<Gpu> => {
      if (gpu instanceof Error) throw gpu;
      const device = { destroy: () => state.destroyed++ } as unknown as GPUDevice;
      return { device, name: 'card', software: false, ...gpu, subgroups: allow && (gpu.subgroups ?? true) };
    },
    onGpu: async (opened: Gpu, notices: string[]) =>
      agrees(opened) ? { on: `webgpu${opened.subgroups ? ' with subgroups' : ''}`, notices } : 'It disagrees.',
    onWasm: async (adapter: string, notices: string[]) => ({ on: `wasm (${adapter})`, notices }),
  };
  return state;
}

test('a GPU that agrees is taken as it is', async () => {
  expect(await chooseProvider(rungs({}))).toEqual({ on: 'webgpu with subgroups', notices: [] });
  expect((await chooseProvider(rungs({ gpu: { subgroups: false } }))).on).toBe('webgpu');
});

test('one that disagrees with subgroups is opened without, and says so', async () => {
  expect(await chooseProvider(rungs({ agrees: (gpu) => !gpu.subgroups }))).toEqual({
    on: 'webgpu',
    notices: ['It disagrees.'],
  });
});

test('one that disagrees either way gives way to WebAssembly, or to a named error where WebGPU was asked for', async () => {
  const opened = await chooseProvider(rungs({ agrees: () => false }));
  expect(opened.on).toBe('wasm (disagrees with WebAssembly)');
  expect(opened.notices).toHaveLength(3);
  await expect(chooseProvider(rungs({ agrees: () => false, wanted: 'webgpu' }))).rejects.toThrow(
    WebGPUUnavailableError,
  );
});

test('no GPU and a software GPU give way to WebAssembly, unless WebGPU was asked for', async () => {
  const none = new WebGPUUnavailableError('This browser has no WebGPU. Use another.');
  expect(await chooseProvider(rungs({ gpu: none }))).toEqual({
    on: 'wasm (no WebGPU)',
    notices: ['This browser has no WebGPU. Running on WebAssembly: slower, same results.'],
  });
  await expect(chooseProvider(rungs({ gpu: none, wanted: 'webgpu' }))).rejects.toBe(none);
  await expect(chooseProvider(rungs({ gpu: new TypeError('odd') }))).rejects.toThrow(TypeError);
  const soft = rungs({ gpu: { software: true } });
  expect((await chooseProvider(soft)).on).toBe('wasm (card)');
  expect(soft.destroyed).toBe(1);
  expect((await chooseProvider(rungs({ gpu: { software: true }, wanted: 'webgpu' }))).on).toBe('webgpu with subgroups');
  expect((await chooseProvider(rungs({ wanted: 'wasm' }))).on).toBe('wasm (GPU not asked for)');
});
