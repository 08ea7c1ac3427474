import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { UnsupportedModelError } from '../api/errors';
import { Queue } from '../engine/queue';
import { configured, type Ort } from '../engine/runtime';
import { wasmHeap } from '../engine/wasm-heap';
import { createWasmCompute } from '../kernels/wasm';
import { heldMemory, WASM_ADDRESSES, wasmWeights } from '../sizes';
import { fileFolder } from '../sources/disk';
import { sourceOfFolder, subfolder } from '../sources/reads';
import { asModelFolder } from '../testing/nla';
import { openNla } from './nla';
import type { DeviceContext } from './source';

const fixtures = fileFolder(fileURLToPath(new URL('../testing/fixtures', import.meta.url)));

test('on WebAssembly each half must fit beside the open model and the other half', async () => {
  const runtime = configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
  const host: DeviceContext = {
    ...{ runtime, gpu: null, weights: null, compute: createWasmCompute() },
    ...{ queue: new Queue(), wholeRow: 16384 },
  };
  const folder = asModelFolder(sourceOfFolder(subfolder(fixtures, 'tiny-nla')));
  const nla = (await openNla(folder, host, { d: 32, layers: 3 }))!;
  const run = { samples: 1, seed: 1, temperature: 0, maxTokens: 2 };
  const verbalize = async () => {
    for await (const _ of nla.verbalize([{ position: 0, vector: new Float32Array(32).fill(1) }], run));
  };
  const { av, ar } = nla.files;
  const room = {
    av: heldMemory(av.config).addresses,
    ar: heldMemory(ar.config, { head: 'linear' }).addresses,
  };
  const fill = (left: number) => wasmHeap.take({ inside: WASM_ADDRESSES - left, largest: 0 });
  // Beside the open model there is no room for the first half.
  let leave = fill(room.av - 1);
  await expect(verbalize()).rejects.toThrow(UnsupportedModelError);
  await expect(verbalize()).rejects.toThrow(/^The av needs 4\.29 GB .* for what is open already/);
  leave();
  // There is for each, and not for one beside the other.
  leave = fill(Math.max(room.av, room.ar));
  await expect(verbalize()).rejects.toThrow(/^The ar needs 4\.30 GB .* for what is open already/);
  leave();
  leave = fill(room.ar + wasmWeights(av.config).inside);
  await expect(nla.reconstruct(['Text.'])).resolves.toHaveLength(1);
  leave();
  await verbalize();
  await nla.release();
  expect(wasmHeap.inside).toBe(0);
});
