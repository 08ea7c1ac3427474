import { afterEach, expect, test, vi } from 'vitest';
import { MissingFileError, UnsupportedModelError } from '../api/errors';
import type { Engine } from '../engine/engine';
import { KeptWeights } from '../engine/kept-weights';
import { Queue } from '../engine/queue';
import { wasmHeap } from '../engine/wasm-heap';
import { createWasmCompute } from '../kernels/wasm';
import { heldMemory, wasmMemory } from '../sizes';
import { memorySource } from '../testing/memory-source';
import { SMALL } from '../testing/reference';
import { CutModel } from './cut-model';
import type { DeviceContext } from './source';

afterEach(() => vi.unstubAllGlobals());

/** A model of which nothing is read: what is tried to be read fails by another name. */
function cutModel(weights: DeviceContext['weights']): CutModel {
  const model = { config: { ...SMALL, activations: 'float32' }, parts: [{ spec: { to: 2 } }] };
  const engine = { model } as unknown as Engine;
  const host = { gpu: null, weights, compute: createWasmCompute(), queue: new Queue() } as unknown as DeviceContext;
  return new CutModel(engine, host, memorySource({}), 1);
}

test('beside the open model a second copy must fit, and the files of a folder that lie in memory meanwhile', async () => {
  vi.stubGlobal('navigator', { deviceMemory: 1 });
  const sites = [1];
  const [kept, read] = [wasmMemory(SMALL, { sites }), heldMemory(SMALL, { sites })];
  const shared = Object.assign(Object.create(KeptWeights.prototype) as KeptWeights, {
    reading: () => Promise.reject(new Error('no store')),
  });
  // Room for a copy of what is kept, and not for the files of the same model as well.
  const leave = wasmHeap.take({ inside: 2 ** 30 - kept.whole, largest: 0 });
  await expect(cutModel(shared).get({})).rejects.toThrow('no store');
  await expect(cutModel(null).get({})).rejects.toThrow(UnsupportedModelError);
  await expect(cutModel(null).get({})).rejects.toThrow(
    /^This model, cut at other layers beside the open ones, needs 1\.07 GB .* this computer has about 1\.07 GB/,
  );
  leave();
  const less = wasmHeap.take({ inside: 2 ** 30 - read.whole, largest: 0 });
  await expect(cutModel(null).get({})).rejects.toThrow(MissingFileError);
  less();
});
