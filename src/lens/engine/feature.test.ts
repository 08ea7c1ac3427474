import { describe, expect, test } from 'vitest';
import { UNSTATED } from '../api/site';
import { Site } from '../dictionary/site';
import { AS_STORED } from '../folders/dictionary-weights';
import type { Compute } from '../kernels/compute';
import { cpuArray, createWasmCompute } from '../kernels/wasm';
import { normals } from '../testing/numbers';
import type { Engine } from './engine';
import { featureInfo } from './feature';
import { Queue } from './queue';

const [D, WIDTH, VOCABULARY] = [6, 40, 25];
const unembedding = normals(VOCABULARY * D, 9);

/** A site without feature data on a model of nothing but an unembedding. */
function engineOf(decoder: Float32Array, compute: Compute = createWasmCompute()): { engine: Engine; site: Site } {
  const width = decoder.length / D;
  const zeros = new Float32Array(width);
  const weights = {
    d: D,
    width,
    k: 2,
    dtype: 'float32' as const,
    ...AS_STORED,
    encoder: decoder,
    decoder,
    encoderBias: zeros,
    decoderBias: new Float32Array(D),
    center: new Float32Array(D),
  };
  const dictionary = compute.dictionary(weights);
  const site = new Site(compute, dictionary, {
    layer: 5,
    center: 'b_dec',
    stats: null,
    sha256: 'abc',
    about: UNSTATED,
  });
  const logits: Engine['model']['logits'] = async (h, _, out) => {
    const x = cpuArray(h);
    for (let t = 0; t < VOCABULARY; t++)
      cpuArray(out)[t] = x.reduce((sum, value, i) => sum + value * unembedding[t * D + i]!, 0);
  };
  const engine = {
    model: { compute, config: { d: D, vocabularySize: VOCABULARY }, logits },
    sites: [site],
    tokenizer: { text: (id: number) => `<${id}>`, isSpecial: () => false },
    queue: new Queue(),
  };
  return { engine: engine as unknown as Engine, site };
}

const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b) || 1);

describe('a feature of a dictionary without feature data', () => {
  test('the ten features with the nearest decoder rows, not itself, without labels', async () => {
    const decoder = normals(WIDTH * D, 3);
    decoder.set(decoder.subarray(7 * D, 8 * D), 3 * D); // the same row twice: one is not taken for the other
    const { engine, site } = engineOf(decoder);
    const rows = Array.from({ length: WIDTH }, (_, i) => decoder.subarray(i * D, (i + 1) * D));
    const expected = rows.map((row, id) => ({ id, cosine: cosine(row, rows[7]!) })).filter(({ id }) => id !== 7);
    expected.sort((a, b) => b.cosine - a.cosine || a.id - b.id);
    const { similar, nearest, label, promoted } = await featureInfo(engine, site, 7);
    expect(similar.map(({ id }) => id)).toEqual(expected.slice(0, 10).map(({ id }) => id));
    for (const [i, one] of similar.entries())
      expect(one).toEqual({
        layer: 5,
        id: expected[i]!.id,
        cosine: expect.closeTo(expected[i]!.cosine, 5),
        label: null,
      });
    expect(similar[0]!.id).toBe(3);
    expect([nearest, label]).toEqual([[], null]);
    const logits = Array.from({ length: VOCABULARY }, (_, t) =>
      unembedding.subarray(t * D, (t + 1) * D).reduce((sum, x, i) => sum + x * rows[7]![i]!, 0),
    );
    expect(promoted[0]).toEqual({
      id: logits.indexOf(Math.max(...logits)),
      text: expect.any(String),
      logit: expect.closeTo(Math.max(...logits), 4),
    });
  });

  test('of a few features all others; of a row of zeros none is near', async () => {
    const small = engineOf(normals(3 * D, 1));
    expect((await featureInfo(small.engine, small.site, 1)).similar.map(({ id }) => id).sort()).toEqual([0, 2]);
    const decoder = normals(WIDTH * D, 3);
    decoder.fill(0, 0, D);
    const dead = engineOf(decoder);
    expect((await featureInfo(dead.engine, dead.site, 0)).similar).toEqual([]);
  });
});

test('a site reads its decoder rows from the device, and lengths once', async () => {
  const compute = createWasmCompute();
  let reads = 0;
  const read: Compute['read'] = (list) => {
    reads++;
    return compute.read(list);
  };
  const decoder = normals(WIDTH * D, 3);
  const { site } = engineOf(decoder, { ...compute, read });
  expect(await site.decoderRow(4)).toEqual(decoder.slice(4 * D, 5 * D));
  expect(await site.decoderLength(4)).toBeCloseTo(Math.hypot(...decoder.subarray(4 * D, 5 * D)), 6);
  const before = reads;
  await site.decoderLength(4);
  expect(reads).toBe(before);
  expect(site.info).toMatchObject({
    layer: 5,
    width: WIDTH,
    k: 2,
    center: 'b_dec',
    sha256: 'abc',
    maximum: null,
    features: null,
  });
});
