import { afterEach, expect, test, vi } from 'vitest';
import { UnsupportedModelError } from '../api/errors';
import { heldMemory, insideBytes, wasmMemory } from '../sizes';
import { SMALL } from '../testing/reference';
import { wasmHeap } from './wasm-heap';
import { checkWasm, incomparable } from './wasm-limit';

/** SmolLM2-135M. */
const SMOL = {
  ...SMALL,
  ...{ layers: 30, d: 576, intermediate: 1536, heads: 9, kvHeads: 3, headDim: 64, vocabularySize: 49_152 },
  ...{ qkNorm: false, contextLength: 8192 },
};
/** As wide, and more than takes seconds to open. */
const DEEP = { ...SMOL, layers: 100 };

let leave = () => {};
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

test('what is open already counts, in WebAssembly’s memory and the machine’s', () => {
  const needs = wasmMemory(SMOL);
  expect(() => checkWasm('It', needs, null)).not.toThrow();
  expect(() => checkWasm('It', needs, 4)).not.toThrow();
  leave = wasmHeap.take({ inside: 2 ** 32 - needs.addresses, largest: 0 });
  expect(() => checkWasm('It', needs, null)).not.toThrow();
  expect(() => checkWasm('It', needs, 4)).toThrow(/this computer has about 4\.29 GB/);
  leave();
  leave = wasmHeap.take({ inside: 2 ** 32 - needs.addresses + 1, largest: 0 });
  expect(() => checkWasm('It', needs, null)).toThrow(UnsupportedModelError);
  expect(() => checkWasm('It', needs, null)).toThrow(
    /^It needs 4\.29 GB of memory on WebAssembly, in float32, 3\.32 GB of it for what is open already, and WebAssembly’s memory ends at 4\.29 GB\. Use a browser with WebGPU/,
  );
});

test('a model is compared where it fits twice and opens soon, and else it is said which of the two it is', () => {
  vi.stubGlobal('navigator', { deviceMemory: 8 });
  expect(incomparable(SMOL)).toBeNull();
  expect(insideBytes(DEEP)).toBeGreaterThan(insideBytes(SMOL));
  expect(incomparable(DEEP)).toBe('this model would take too long there');
  leave = wasmHeap.take({ inside: 2 ** 32 - heldMemory(SMOL).addresses + 1, largest: 0 });
  expect(incomparable(SMOL)).toBe('this model needs 4.29 GB of memory there, and WebAssembly’s memory ends at 4.29 GB');
  leave();
  vi.stubGlobal('navigator', { deviceMemory: 2 });
  expect(incomparable(SMOL)).toMatch(/needs 2\.\d\d GB of memory there, and this computer has about 2\.15 GB$/);
});
