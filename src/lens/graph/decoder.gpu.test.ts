import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DecoderConfig, openConfig } from '../folders/config';
import { openWeights } from '../folders/weights';
import type { Weights } from '../formats/safetensors';
import { smallUrlSource } from '../sources/url';
import { Chain, PROVIDERS, testDevice, worstRow } from '../testing/chain';
import { attentionBy, type Reference, randomWeights, referenceForward } from '../testing/reference';

const SMALL: DecoderConfig = {
  vocabularySize: 61,
  d: 48,
  layers: 3,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  intermediate: 72,
  contextLength: 64,
  ...attentionBy(1_000_000),
  epsilon: 1e-6,
  tied: false,
  qkNorm: true,
  attentionBias: false,
  eos: [],
};

/** As Gemma 3 has it, with a window that is shorter than every text. */
const GEMMA3: DecoderConfig = {
  ...SMALL,
  kvHeads: 1,
  headDim: 32,
  tied: true,
  attention: [
    { rope: { theta: 1000, scaling: null }, window: 5 },
    { rope: { theta: 1_000_000, scaling: { factor: 8 } }, window: null },
  ],
  layerKinds: [0, 1, 0],
  block: {
    normsBehind: true,
    gainsLessOne: true,
    gate: 'gelu',
    scoreScale: 20,
    scaledEmbedding: true,
    fitsHalves: false,
  },
};

/** As Llama 3.1 has it, but of a context in which frequencies of all three kinds turn. */
const LLAMA3 = { factor: 8, slow: 1, fast: 4, originalContext: 32 };

let device: GPUDevice;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

function tokens(count: number, vocabularySize: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * i * 31 + i * 17 + seed * 7 + 3) % vocabularySize);
}

/** The rows of text `row`, positions from..to, of a run over several texts of `sequence` tokens. */
function part(data: Float32Array, width: number, sequence: number, row: number, count: number): Float32Array {
  return data.subarray(row * sequence * width, (row * sequence + count) * width);
}

describe.each(PROVIDERS)('on %s', (provider) => {
  const on = () => (provider === 'webgpu' ? device : null);

  test.each([
    ['untied, d not heads * headDim', SMALL],
    ['tied, one block', { ...SMALL, layers: 1, tied: true }],
    ['one head per key head, theta 10000', { ...SMALL, kvHeads: 4, ...attentionBy(10_000) }],
    ['head_dim 128, one key head, large epsilon', { ...SMALL, headDim: 128, kvHeads: 1, epsilon: 0.1 }],
    ['Qwen2', { ...SMALL, qkNorm: false, attentionBias: true }],
    ['Gemma 3', GEMMA3],
    ['Gemma 3, heads of 256', { ...GEMMA3, headDim: 256, layers: 1 }],
    ['Llama 3.1', { ...SMALL, qkNorm: false, ...attentionBy(500, LLAMA3) }],
  ])('a random model equals the float64 forward pass: %s', async (_, config) => {
    const weights = randomWeights(config, 5);
    const ids = tokens(40, config.vocabularySize, 1);
    const truth = referenceForward(config, weights, ids);
    const chain = await Chain.open(config, weights, [...Array(config.layers).keys()], on());
    chain.reset(1, 64);
    const { residuals, logits } = await chain.run([ids], [ids.length]);
    expect([...residuals.keys()]).toEqual([...Array(config.layers).keys()]);
    for (const [layer, data] of residuals) expect(worstRow(data, truth.residuals[layer]!)).toBeLessThan(2e-5);
    expect(worstRow(logits, truth.logits)).toBeLessThan(2e-5);
    await chain.close();
  });

  describe.each([
    ['Qwen3', SMALL],
    ['Gemma 3', GEMMA3],
  ])('with a static cache, %s', (_, config) => {
    const weights = randomWeights(config, 9);
    const texts = [tokens(21, 61, 2), tokens(9, 61, 3), tokens(14, 61, 4)];
    let chain: Chain;
    let truths: Reference[];
    beforeAll(async () => {
      chain = await Chain.open(config, weights, [1], on());
      truths = texts.map((text) => referenceForward(config, weights, text));
    });
    afterAll(() => chain.close());

    /** Both the site and the logits of `text` at positions from, from + 1, ... against the truth. */
    function expectTruth(
      result: { residuals: Map<number, Float32Array>; logits: Float32Array },
      sequence: number,
      row: number,
      text: number,
      from: number,
      count: number,
    ) {
      const truth = truths[text]!;
      for (const layer of [1, 2]) {
        const data = part(result.residuals.get(layer)!, config.d, sequence, row, count);
        expect(worstRow(data, truth.residuals[layer]!.slice(from, from + count))).toBeLessThan(2e-5);
      }
      const logits = part(result.logits, config.vocabularySize, sequence, row, count);
      expect(worstRow(logits, truth.logits.slice(from, from + count))).toBeLessThan(2e-5);
    }

    test('one token is a prompt too', async () => {
      chain.reset(1, 32, 7);
      expectTruth(await chain.run([texts[0]!.slice(0, 1)], [1]), 1, 0, 0, 0, 1);
    });

    test('prefill, then one token at a time, up to the last place of the cache', async () => {
      chain.reset(1, 21, 7);
      expectTruth(await chain.run([texts[0]!.slice(0, 17)], [17]), 17, 0, 0, 0, 17);
      for (let t = 17; t < 21; t++) expectTruth(await chain.run([[texts[0]![t]!]], [t + 1]), 1, 0, 0, t, 1);
    });

    test('prefill in chunks of unequal length', async () => {
      chain.reset(1, 32, 7);
      for (const [from, to] of [
        [0, 8],
        [8, 13],
        [13, 14],
        [14, 21],
      ] as const) {
        expectTruth(await chain.run([texts[0]!.slice(from, to)], [to]), to - from, 0, 0, from, to - from);
      }
    });

    test('a right-padded batch, then one token a row at rows of different length', async () => {
      chain.reset(3, 32, 7);
      const lengths = [16, 5, 11];
      const padded = texts.map((text, row) => [...text.slice(0, lengths[row]), ...Array(16 - lengths[row]!).fill(60)]);
      const prompt = await chain.run(padded, lengths);
      for (const row of [0, 1, 2]) expectTruth(prompt, 16, row, row, 0, lengths[row]!);
      for (let step = 0; step < 3; step++) {
        const next = await chain.run(
          texts.map((text, row) => [text[lengths[row]! + step]!]),
          lengths.map((n) => n + step + 1),
        );
        for (const row of [0, 1, 2]) expectTruth(next, 1, row, row, lengths[row]! + step, 1);
      }
    });
  });

  describe('lenslet-mini', () => {
    let config: DecoderConfig;
    let weights: Weights;
    beforeAll(async () => {
      const folder = smallUrlSource('/models/lenslet-mini/');
      config = await openConfig(folder);
      weights = await openWeights(folder);
    });

    test('equals the float64 forward pass, and cut at sites 3 and 4 it is bit for bit the whole model', async () => {
      const ids = tokens(40, config.vocabularySize, 6);
      const truth = referenceForward(config, weights, [...ids, 17]);
      const logits: Float32Array[] = [];
      for (const sites of [[], [3, 4]]) {
        const chain = await Chain.open(config, weights, sites, on());
        chain.reset(1, 48);
        const prompt = await chain.run([ids], [40]);
        const next = await chain.run([[17]], [41]);
        for (const [layer, data] of prompt.residuals)
          expect(worstRow(data, truth.residuals[layer]!.slice(0, 40))).toBeLessThan(2e-5);
        expect(worstRow(prompt.logits, truth.logits.slice(0, 40))).toBeLessThan(2e-5);
        expect(worstRow(next.logits, truth.logits.slice(40))).toBeLessThan(2e-5);
        logits.push(Float32Array.of(...prompt.logits.slice(-config.vocabularySize), ...next.logits));
        await chain.close();
      }
      expect(logits[1]).toEqual(logits[0]);
    });
  });
});
