import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WeightFormat } from './api/model';
import { type DecoderConfig, openConfig } from './folders/config';
import { readTensorTable } from './formats/tensor-table';
import { buildHead, buildLinearHead, buildPart } from './graph/decoder';
import { weightsInside } from './graph/weights';
import {
  defaultFormat,
  dictionaryBytes,
  encodedBytes,
  fittingTokens,
  heldMemory,
  hostDictionaryBytes,
  insideBytes,
  isSmall,
  kvBytes,
  largestBinding,
  modelBytes,
  parameterCount,
  refusedWasm,
  ropeBytes,
  storedBytes,
  storedDictionaryBytes,
  tokenParameters,
  WASM_ADDRESSES,
  WASM_BESIDE,
  wasmMemory,
  wasmRunBytes,
  wasmTokens,
  wasmWeights,
} from './sizes';
import { pieceBytes, planDictionary, planModel, type StoredFormat } from './store/plan-pieces';
import { memorySource } from './testing/memory-source';
import { readModel } from './testing/onnx-reader';
import { PLANTED, PLANTED_GEMMA } from './testing/planted';
import { randomWeights, SMALL } from './testing/reference';
import { toyDictionary } from './testing/toy-store';

/** Qwen3-1.7B, and its dictionaries of Qwen-Scope. */
const QWEN: DecoderConfig = {
  ...SMALL,
  layers: 28,
  d: 2048,
  intermediate: 6144,
  heads: 16,
  kvHeads: 8,
  headDim: 128,
  vocabularySize: 151_936,
  contextLength: 32_768,
};
const LARGE = { ...QWEN, layers: 36, d: 4096, intermediate: 12_288, heads: 32, tied: false };
const WIDE = { d: 2048, width: 32_768 };
const BLOCKS = 28 * (2 * 2048 * 2048 + 2 * 2048 * 1024 + 3 * 2048 * 6144);
const TABLE = 151_936 * 2048;
const NORMS = 28 * (2 * 2048 + 2 * 128) + 2048;

test('parameters are those that the models are published with', () => {
  expect(parameterCount(QWEN)).toBe(1_720_574_976);
  expect(parameterCount(LARGE)).toBe(8_190_735_360);
  // Qwen2.5-0.5B: biases, and no norms of heads.
  const qwen2 = {
    ...QWEN,
    layers: 24,
    d: 896,
    intermediate: 4864,
    heads: 14,
    kvHeads: 2,
    headDim: 64,
    qkNorm: false,
    attentionBias: true,
  };
  expect(parameterCount(qwen2)).toBe(494_032_768);
  expect([isSmall(QWEN), isSmall(SMALL)]).toEqual([false, true]);
});

test('a number of q4 is 20 bytes for 32, of q8 36, of f16 64; vectors are float32, and kept but not bound', () => {
  expect((['q4', 'q8', 'f16', 'f32'] as const).map((encoding) => encodedBytes(encoding, 64))).toEqual([
    40, 72, 128, 256,
  ]);
  const bytes: [WeightFormat, number][] = [
    ['q4', (BLOCKS * 20 + TABLE * 36) / 32],
    ['q8', ((BLOCKS + TABLE) * 36) / 32],
    ['f16', (BLOCKS + TABLE) * 2],
    ['f32', (BLOCKS + TABLE) * 4],
  ];
  for (const [format, matrices] of bytes) {
    expect(modelBytes(QWEN, format)).toBe(matrices);
    expect(storedBytes(QWEN, format)).toBe(matrices + 4 * NORMS);
  }
  expect(modelBytes({ ...QWEN, tied: false }, 'q4') - modelBytes(QWEN, 'q4')).toBe((TABLE * 36) / 32);
});

test('the largest buffer is the embedding’s, without its scales', () => {
  expect(largestBinding(QWEN, 'q4')).toMatchObject({ name: 'model.embed_tokens.weight', bytes: TABLE });
  expect(largestBinding(LARGE, 'f16').bytes).toBe(2 * 151_936 * 4096);
  expect(largestBinding({ ...QWEN, vocabularySize: 100 }, 'q8').name).toMatch(/mlp/);
});

test('dictionaries as f16 and as int8, with a scale per feature, and two vectors behind each matrix', () => {
  const vectors = 4 * (2 * 32_768 + 2 * 32_768 + 2 * 2048);
  expect(dictionaryBytes(WIDE, 'f16')).toBe(2 * 134_217_728 + vectors);
  expect(dictionaryBytes(WIDE, 'int8')).toBe(2 * 67_108_864 + vectors);
  expect(storedDictionaryBytes(WIDE)).toBe(2 * 134_217_728 + 4 * (32_768 + 2048));
  const { plan } = toyDictionary();
  const pieces = planDictionary(plan, 1000).files.flatMap((file) => file.pieces);
  expect(pieces.reduce((sum, piece) => sum + pieceBytes(piece), 0)).toBe(storedDictionaryBytes(plan));
});

test('keys and values by the token, and as many tokens as are set aside for', () => {
  // 112 KiB a token of float16, twice that of float32.
  expect([kvBytes(QWEN, 1, 'float16'), kvBytes(QWEN, 1, 'float32')]).toEqual([114_688, 229_376]);
  expect(ropeBytes(QWEN, 10, 'float32')).toBe(10 * 128 * 4);
  expect([fittingTokens(QWEN, 'float32'), fittingTokens(QWEN, 'float16')]).toEqual([4608, 9216]);
  expect(fittingTokens({ ...QWEN, contextLength: 100 }, 'float32')).toBe(100);
  expect([fittingTokens(QWEN, 'float32', 2 ** 23), fittingTokens(QWEN, 'float32', 1000)]).toEqual([2048, 0]);
});

/** Attention of two kinds, with tables of their own. */
const TWO_KINDS: DecoderConfig = {
  ...SMALL,
  layers: 4,
  attention: [...SMALL.attention, { rope: { theta: 1e6, scaling: null }, window: 4 }],
  layerKinds: [0, 1, 0, 1],
};

test('weights inside the graphs are counted as the graphs hold them, with tables in every part', () => {
  const held = (model: Uint8Array) =>
    readModel(model)
      .weights.filter(({ type }) => type === 1)
      .reduce((sum, { dims }) => sum + 4 * dims.reduce((a, b) => a * b, 1), 0);
  for (const config of [SMALL, { ...SMALL, tied: false }, TWO_KINDS]) {
    const weights = weightsInside(config, randomWeights(config, 1));
    const parts = [
      buildPart(config, { from: 0, to: 1, embed: true }, weights),
      buildPart(config, { from: 2, to: config.layers - 1, embed: false }, weights),
    ].reduce((sum, { model }) => sum + held(model), 0);
    const sites = [1];
    expect(parts + held(buildHead(config, weights).model)).toBe(wasmWeights(config, { sites }).inside);
    const head = buildLinearHead(config.d, new Float32Array(config.d ** 2));
    expect(parts + held(head.model)).toBe(wasmWeights(config, { sites, head: 'linear' }).inside);
    expect(wasmWeights(config, { sites }).inside).toBe(
      insideBytes(config) + 2 * ropeBytes(config, config.contextLength, 'float32'),
    );
  }
});

/** SmolLM2-135M, of which most figures on WebAssembly are measured. */
const SMOL: DecoderConfig = {
  ...SMALL,
  ...{ layers: 30, d: 576, intermediate: 1536, heads: 9, kvHeads: 3, headDim: 64, vocabularySize: 49_152 },
  ...{ qkNorm: false, attentionBias: false, contextLength: 8192 },
};
/** Qwen3-0.6B. */
const SIX = { ...QWEN, d: 1024, intermediate: 3072, heads: 16, contextLength: 40_960 };
/** The shape of Gemma 3 270M: two kinds of attention. */
const GEMMA: DecoderConfig = {
  ...SMALL,
  ...{ layers: 18, d: 640, intermediate: 2048, heads: 4, kvHeads: 1, headDim: 256, vocabularySize: 262_144 },
  ...{ attention: [...SMALL.attention, ...SMALL.attention], contextLength: 32_768 },
};

test('the format that is taken where none is named: never q4, f16 where it fits and can be computed with', () => {
  const on = (model: DecoderConfig) =>
    [
      { wasm: true, halves: false, binding: 0 },
      { wasm: false, halves: true, binding: 128 * 2 ** 20 },
      { wasm: false, halves: true, binding: 50e6 },
      { wasm: false, halves: false, binding: 2 ** 31 },
    ].map((place) => defaultFormat(model, place));
  expect(on(SMALL)).toEqual(['f32', 'f32', 'f32', 'f32']);
  expect(on(SMOL)).toEqual(['f16', 'f16', 'q8', 'q8']);
  expect(on(QWEN)).toEqual(['f16', 'q8', 'q8', 'q8']);
});

test('a token is multiplied by every parameter but the embedding’s', () => {
  expect(tokenParameters(SMOL)).toBe(parameterCount(SMOL));
  expect(tokenParameters(LARGE)).toBe(parameterCount(LARGE) - 151_936 * 4096);
});

test('on WebAssembly memory decides: its own addresses, and the machine’s as far as it is known', () => {
  const small = wasmMemory(SMOL);
  expect(small.addresses).toBeGreaterThan(insideBytes(SMOL));
  expect(small.whole - small.addresses).toBe(2 * (wasmWeights(SMOL).inside - 4 * 49_152 * 576) + 128 * 2 ** 20);
  expect(heldMemory(SMOL).whole - small.whole).toBe(4 * parameterCount(SMOL));
  expect([null, 8, 4].map((machine) => refusedWasm(small, machine))).toEqual([null, null, null]);
  expect(refusedWasm(small, 1)).toEqual({ of: 'machine', bytes: small.whole, limit: 2 ** 30 });
  // 0.6 billion parameters fit, 1.7 do not.
  expect(refusedWasm(wasmMemory(SIX), null)).toBeNull();
  expect(refusedWasm(wasmMemory(QWEN), null)).toMatchObject({ of: 'addresses', limit: 2 ** 32 });
  expect(wasmMemory(SMOL, { head: 'linear' }).addresses).toBeLessThan(small.addresses);
});

test('keys and values have what WebAssembly’s memory leaves: twice those of the largest part, and tables in every part', () => {
  expect(wasmRunBytes(SIX, 28, 1)).toBe(2 * 229_376);
  for (const [config, sites] of [
    [SIX, []],
    [SIX, [13]],
    [SIX, [13, 20]],
  ] as [DecoderConfig, number[]][]) {
    const blocks = Math.max(...[-1, ...sites].map((site, i) => (sites[i] ?? config.layers - 1) - site));
    const taken = (contextLength: number) => {
      const { inside, largest } = wasmWeights({ ...config, contextLength }, { sites });
      return inside + largest + WASM_BESIDE + wasmRunBytes(config, blocks, contextLength);
    };
    const tokens = wasmTokens(config, { sites });
    expect(tokens % 128).toBe(0);
    expect(taken(tokens)).toBeLessThanOrEqual(WASM_ADDRESSES);
    expect(taken(tokens + 128)).toBeGreaterThan(WASM_ADDRESSES);
    expect(refusedWasm(wasmMemory(config, { sites }), null)).toBeNull();
  }
  expect([wasmTokens(SIX), wasmTokens(SIX, { sites: [13] })]).toEqual([896, 1920]);
  // Where there is room enough, the context is the model's own, or what is set aside.
  expect(wasmTokens(SMOL, { sites: [15] })).toBe(8192);
  expect(wasmTokens({ ...SMOL, contextLength: 1e6 })).toBe(fittingTokens({ ...SMOL, contextLength: 1e6 }, 'float32'));
});

test('tables of a long context are among what a model takes, and what leaves no room for a step is refused', () => {
  const sites = [3, 7, 11, 15];
  const tables = ropeBytes(GEMMA, wasmTokens(GEMMA, { sites }), 'float32');
  expect(wasmTokens(GEMMA, { sites })).toBeGreaterThan(20_000);
  expect(tables).toBeGreaterThan(50 * 2 ** 20);
  expect(wasmMemory(GEMMA, { sites }).addresses).toBeGreaterThan(insideBytes(GEMMA) + 4 * 262_144 * 640 + 5 * tables);
  // The weights alone would fit.
  const full = { ...SIX, intermediate: 3072 + 1250 };
  const { inside, largest } = wasmWeights({ ...full, contextLength: 0 });
  expect(inside + largest + WASM_BESIDE).toBeLessThan(WASM_ADDRESSES);
  expect(wasmTokens(full)).toBe(0);
  expect(refusedWasm(wasmMemory(full), null)).toMatchObject({ of: 'addresses' });
});

test('dictionaries lie in the machine’s memory, a matrix of the largest twice while it is read', () => {
  const [wide, narrow] = [262_144 * 1152, 16_384 * 1152];
  expect(hostDictionaryBytes([])).toBe(0);
  const sizes = [
    { d: 1152, width: 16_384 },
    { d: 1152, width: 262_144 },
  ];
  expect(hostDictionaryBytes(sizes)).toBe(8 * wide + 8 * narrow + 4 * wide);
  const [without, together] = [wasmMemory(SMOL), wasmMemory(SMOL, { dictionaries: sizes })];
  expect(together).toEqual({ ...without, whole: without.whole + hostDictionaryBytes(sizes) });
  expect([refusedWasm(without, 4), refusedWasm(together, 4)]).toMatchObject([null, { of: 'machine' }]);
});

describe.each([...PLANTED, ...PLANTED_GEMMA])('%s', (name) => {
  const folder = join(import.meta.dirname, 'testing/fixtures', name);
  const source = memorySource(
    Object.fromEntries(readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))])),
  );

  test.each<StoredFormat>(['q4', 'q8', 'f16'])(
    'the parts of its manifest as %s have the bytes that are stated',
    async (format) => {
      const config = await openConfig(source);
      const table = await readTensorTable(source);
      expect(parameterCount(config)).toBe(
        [...table.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
      );
      const pieces = planModel(table, config, format, 1000).files.flatMap((file) => file.pieces);
      expect(pieces.reduce((sum, piece) => sum + pieceBytes(piece), 0)).toBe(storedBytes(config, format));
    },
  );
});
