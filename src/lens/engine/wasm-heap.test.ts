import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { InvalidOptionError } from '../api/errors';
import { createWasmCompute } from '../kernels/wasm';
import { WASM_ADDRESSES, WASM_BESIDE, wasmRunBytes, wasmWeights } from '../sizes';
import { fileFolder } from '../sources/disk';
import { subfolder } from '../sources/reads';
import { openPlanted, type Planted } from '../testing/planted';
import { Batch } from './batch';
import { Model } from './model';
import { prefill } from './prefill';
import { configured, type Ort, type Runtime } from './runtime';
import { withScope } from './scope';
import type { RowSpec, Setup } from './setup';
import { WasmHeap, wasmHeap } from './wasm-heap';

const NAME = 'planted-llama-tied-f32';
const fixtures = fileFolder(fileURLToPath(new URL('../testing/fixtures', import.meta.url)));
let runtime: Runtime;
let planted: Planted;
beforeAll(async () => {
  runtime = configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  planted = await openPlanted(NAME, subfolder(fixtures, NAME));
});

test('room is what all open models leave, the largest of their packed matrices among it', () => {
  const heap = new WasmHeap();
  const empty = WASM_ADDRESSES - WASM_BESIDE;
  expect([heap.inside, heap.room]).toEqual([0, empty]);
  const leave = heap.take({ inside: 1000, largest: 300 });
  const other = heap.take({ inside: 2000, largest: 200 });
  expect([heap.inside, heap.room]).toEqual([3000, empty - 3300]);
  leave();
  leave();
  expect([heap.inside, heap.room]).toEqual([2000, empty - 2200]);
  heap.take({ inside: 2 ** 33, largest: 0 });
  other();
  expect(heap.room).toBe(0);
});

test('a model is entered while it is open, and one that could not be made is not', async () => {
  const { config, weights } = planted;
  const compute = createWasmCompute();
  const how = { config, sites: [0], runtime, gpu: null, compute };
  const model = await Model.create({ ...how, weights });
  expect(wasmHeap.inside).toBe(wasmWeights(config, { sites: [0] }).inside);
  const missing = {
    ...weights,
    float32() {
      throw new Error('no tensor');
    },
  };
  await expect(Model.create({ ...how, weights: missing })).rejects.toThrow('no tensor');
  expect(wasmHeap.inside).toBe(wasmWeights(config, { sites: [0] }).inside);
  await model.release();
  expect(wasmHeap.inside).toBe(0);
});

test('what does not fit beside the open models is refused by name, a batch before it takes a row', async () => {
  const { config, weights, ids } = planted;
  const compute = createWasmCompute();
  const model = await Model.create({ config, weights, sites: [0], runtime, gpu: null, compute });
  const { layers } = model.room!;
  expect(layers).toBe(config.layers - 1);
  const setup = { upload: () => ({}) } as unknown as Setup;
  const batch = (rows: number) =>
    withScope(compute, async (scope) => {
      new Batch(scope, model, [], setup, Array<RowSpec>(rows).fill({ plan: { gated: false } } as RowSpec), ids.length);
    });
  // Another model leaves room for a run of two such texts.
  const room = 2 * wasmRunBytes(config, layers, ids.length);
  const leave = wasmHeap.take({ inside: model.room!.bytes - room, largest: 0 });
  try {
    expect(model.room!.bytes).toBe(room);
    await batch(2);
    await expect(batch(3)).rejects.toThrow(/^3 rows of up to .* There is room for 2 rows of that length/);
    (await prefill(model, [], { ids })).release();
    const more = wasmHeap.take({ inside: room / 2 + 1, largest: 0 });
    await expect(prefill(model, [], { ids })).rejects.toThrow(InvalidOptionError);
    more();
    (await prefill(model, [], { ids })).release();
  } finally {
    leave();
    await model.release();
  }
});
