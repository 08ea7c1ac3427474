import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MissingFileError, UnsupportedModelError } from '../api/errors';
import { configured, type Ort } from '../engine/runtime';
import { wasmHeap } from '../engine/wasm-heap';
import { type DecoderConfig, openConfig } from '../folders/config';
import { fittingTokens, heldMemory, wasmWeights } from '../sizes';
import { fileFolder } from '../sources/disk';
import { sourceOfFolder } from '../sources/reads';
import type { Source } from '../sources/source';
import { openFolder } from './small';

// Node has no WebGPU: a folder that is opened on what there is opens on WebAssembly.

/** lenslet-mini, and what was read of it. */
let read: string[];
let mini: Source;
let config: DecoderConfig;
beforeEach(async () => {
  read = [];
  const folder = fileFolder('public/models/lenslet-mini');
  config = await openConfig(sourceOfFolder(folder));
  mini = sourceOfFolder({
    ...folder,
    name: folder.name,
    read(path, options) {
      read.push(path);
      return folder.read(path, options);
    },
    tryRead(path, options) {
      read.push(path);
      return folder.tryRead(path, options);
    },
    tryReadPart(path, begin, end, options) {
      read.push(path);
      return folder.tryReadPart(path, begin, end, options);
    },
  });
});
let leave = () => {};
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

const load = async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain');
const fill = (left: number) => wasmHeap.take({ inside: 2 ** 32 - left, largest: 0 });

test('what does not fit is refused before more than the configuration is read, whether or not WebAssembly was asked for', async () => {
  leave = fill(heldMemory(config).addresses - 1);
  for (const provider of ['auto', 'wasm'] as const) {
    read = [];
    const opening = openFolder(mini, { provider }, load);
    await expect(opening).rejects.toThrow(UnsupportedModelError);
    await expect(opening).rejects.toThrow(/^This model needs 4\.29 GB of memory on WebAssembly/);
    expect(read).toEqual(['config.json', 'generation_config.json']);
  }
});

test('where only WebGPU is wanted and there is none, nothing is read either', async () => {
  await expect(openFolder(mini, { provider: 'webgpu', config }, load)).rejects.toThrow(/WebGPU/);
  expect(read).toEqual([]);
});

test('what fails while it is read fails by its own name', async () => {
  const broken = {
    ...mini,
    name: mini.name,
    read: () => Promise.reject(new MissingFileError('tokenizer.json is gone.')),
  };
  await expect(openFolder(broken, { provider: 'wasm', config }, load)).rejects.toThrow(MissingFileError);
});

test('a text has as many tokens as fit, in the tables too; other layers need room for a second copy and its files', async () => {
  const contextLength = 1 << 24;
  const long = { ...config, contextLength };
  const lens = await openFolder(mini, { provider: 'wasm', sites: [2], config: long }, load);
  const fits = fittingTokens(long, 'float32');
  expect([lens.info.contextLength, lens.info.contextOfModel]).toEqual([fits, contextLength]);
  expect(lens.info.notices).toContainEqual(
    expect.stringMatching(/^Texts have at most .* of the model’s 16,777,216 tokens/),
  );
  const open = wasmWeights({ ...config, contextLength: fits }, { sites: [2] }).inside;
  expect(wasmHeap.inside).toBe(open);
  vi.stubGlobal('navigator', { deviceMemory: 4 });
  // Of the machine there is room for the second copy, and not for the files that it is made of.
  const { whole } = heldMemory(long, { sites: [2, 3] });
  leave = wasmHeap.take({ inside: 2 ** 32 - whole - open + 1, largest: 0 });
  read = [];
  await expect(lens.openSites([2, 3])).rejects.toThrow(/^This model, cut at other layers beside the open ones,/);
  expect(read).toEqual([]);
  await lens.close();
  expect(wasmHeap.inside).toBe(2 ** 32 - whole - open + 1);
});
