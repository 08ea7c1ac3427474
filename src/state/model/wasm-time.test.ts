import { expect, test } from 'vitest';
import type { LensInfo } from '../../lens/api/lens';
import { hostDictionaryBytes, insideBytes, tokenParameters, wasmMemory } from '../../lens/sizes';
import { KNOWN, type Shape } from './catalogue';
import { nsHere, openingOf, wasmNeed } from './wasm-time';

/** SmolLM2-135M. */
const SMOL: Shape = {
  ...KNOWN[0]!.shape,
  ...{ layers: 30, d: 576, intermediate: 1536, heads: 9, kvHeads: 3, headDim: 64, vocabularySize: 49_152 },
  ...{ tied: true, qkNorm: false, attentionBias: false, contextLength: 8192 },
};
const info = (shape: Shape, provider: LensInfo['provider'] = 'wasm') =>
  ({
    ...{ provider, vocabulary: shape.vocabularySize, d: shape.d },
    memory: { weights: insideBytes(shape), dictionaries: 0 },
  }) as LensInfo;
const speed = { perSecond: 2, rows: 3 };
const parameters = tokenParameters(SMOL);

test('the time is said beforehand: as it was measured, or by what the open model takes here', () => {
  expect(wasmNeed(SMOL, null).time).toMatch(
    /^About 0\.05 s a token, and 4\.9 s to open once it is kept: as measured on/,
  );
  expect(wasmNeed(SMOL, 3).time).toBe(
    'About 0.40 s a token, and 40 s to open once it is kept: at most, by what the open model takes here.',
  );
});

test('memory is that of the layers and dictionaries that are asked for, and a context that is less is said', () => {
  const opening = openingOf(SMOL, { sites: [15] }, { width: 16_384 });
  const dictionaries = [{ d: 576, width: 16_384 }];
  expect(opening).toEqual({ sites: [15], dictionaries });
  const { memory, context } = wasmNeed(SMOL, null, opening);
  expect(memory.whole - wasmMemory(SMOL, { sites: [15] }).whole).toBe(hostDictionaryBytes(dictionaries));
  expect(context).toBeNull();
  expect(openingOf(SMOL, {}, { width: 16_384 })).toEqual({ sites: [], dictionaries: [] });
  // Qwen3-0.6B.
  const six = { ...SMOL, layers: 28, d: 1024, intermediate: 3072, heads: 16, kvHeads: 8, headDim: 128 };
  expect(wasmNeed({ ...six, vocabularySize: 151_936, contextLength: 40_960 }, null, { sites: [13] }).context).toBe(
    1920,
  );
});

test('the open model tells if it has run on WebAssembly and is not much smaller', () => {
  // Two steps a second, of three texts that read the weights together.
  expect(nsHere({ info: info(SMOL), speed }, parameters)).toBeCloseTo(1e9 / 2 / parameters, 6);
  expect(nsHere({ info: info(SMOL), speed }, 9 * parameters)).toBeNull();
  expect(nsHere({ info: info(SMOL), speed: null }, parameters)).toBeNull();
  expect(nsHere({ info: info(SMOL, 'webgpu'), speed }, parameters)).toBeNull();
  expect(nsHere({ info: null, speed }, parameters)).toBeNull();
});
