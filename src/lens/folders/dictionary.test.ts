import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  CorruptFileError,
  MissingFileError,
  ShapeMismatchError,
  SiteUnavailableError,
  UnsupportedModelError,
} from '../api/errors';
import { float16ToFloat32 } from '../formats/halves';
import { fileFolder } from '../sources/disk';
import type { Source } from '../sources/source';
import { json, pack, SAE } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openSae } from '../testing/sae';
import { toyDictionary } from '../testing/toy-store';
import { openConfig } from './config';
import { ownDictionaries } from './dictionaries';
import { readDictionary } from './dictionary';
import { ownEntries } from './dictionary-list';
import { parseFeatureStats } from './sae-stats';

type Tensors = Parameters<typeof pack>[0];
const count = (n: number, from: number) => Float32Array.from({ length: n }, (_, i) => from + i);
const TENSORS: Tensors = {
  W_enc: { shape: [3, 4], data: count(12, 0) },
  b_enc: { shape: [4], data: count(4, 100) },
  W_dec: { shape: [4, 3], data: count(12, 200) },
  b_dec: { shape: [3], data: count(3, 300) },
};
const STATS = {
  tokens: 10,
  fvu: 0.1,
  residual_norm_median: 7,
  mean: [1, 2, 3],
  max_activation: [0, 1, 2, 3],
  density: [0, 0.5, 1, 0.25],
  note: 'x',
};

function folder(config: Record<string, unknown> = {}, tensors: Tensors = TENSORS, stats: unknown = null, path = 's') {
  const files: Record<string, Uint8Array> = {
    [`${path}/cfg.json`]: json({ ...SAE, ...config }),
    [`${path}/sae_weights.safetensors`]: pack(tensors),
  };
  if (stats) files[`${path}/feature_stats.json`] = json(stats);
  return memoryFolder('m', files);
}

describe('openSae', () => {
  test('reads weights with the encoder transposed, one row a feature', async () => {
    const sae = await openSae(folder(), 's/');
    expect(sae).toMatchObject({ layer: 3, d: 3, width: 4, k: 2, stats: null, center: 'b_dec' });
    expect(sae.weights.dtype).toBe('float32');
    expect([...sae.weights.encoder]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect([...sae.weights.decoder]).toEqual([...count(12, 200)]);
    expect([...sae.weights.encoderBias]).toEqual([100, 101, 102, 103]);
    expect([...sae.weights.decoderBias]).toEqual([300, 301, 302]);
    expect([...sae.weights.center]).toEqual([300, 301, 302]);
  });

  test('folds the vectors, and the centre with them', async () => {
    const { files, plan } = toyDictionary();
    const source = memoryFolder('m', files);
    const plain = (await readDictionary(source, plan)).weights;
    const fold = { inputScale: 2, centred: true, rescaled: true };
    const { weights } = await readDictionary(source, { ...plan, fold, activation: { kind: 'threshold', all: 0.5 } });
    expect([weights.encoder, weights.decoder]).toEqual([plain.encoder, plain.decoder]);
    expect([weights.activation, weights.threshold![0], plain.encoderScale, plain.threshold]).toEqual([
      'threshold',
      0.5,
      null,
      null,
    ]);
    expect(weights.decoderBias).toEqual(plain.decoderBias.map((x) => x / 2));
    expect(weights.center).toBe(weights.decoderBias);
    const [f, d] = [5, plan.d];
    const row = (matrix: ArrayLike<number>) => Array.from(matrix).slice(f * d, (f + 1) * d);
    const n = Math.hypot(...row(plain.decoder));
    const product = row(plain.encoder).reduce((sum, x, i) => sum + x * plain.decoderBias[i]!, 0);
    expect(weights.encoderScale![f]).toBeCloseTo(n, 6);
    expect(weights.decoderScale![f]).toBeCloseTo(1 / n, 5);
    expect(weights.encoderBias[f]).toBeCloseTo(((plain.encoderBias[f]! - product) * n) / 2, 6);
  });

  test('names the bytes of its weights', async () => {
    const bytes = pack(TENSORS);
    const sae = await openSae(folder(), 's/');
    expect([sae.folder, sae.sha256]).toEqual(['s/', createHash('sha256').update(bytes).digest('hex')]);
  });

  test('keeps half floats as their bits, and turns a mixture into float32', async () => {
    const halves = (n: number) => Uint16Array.from({ length: n }, (_, i) => 0x3c00 + i);
    const half: Tensors = {
      ...TENSORS,
      W_enc: { dtype: 'F16', shape: [3, 4], data: halves(12) },
      W_dec: { dtype: 'F16', shape: [4, 3], data: halves(12) },
    };
    const sae = await openSae(folder({}, half), 's');
    expect(sae.weights.dtype).toBe('float16');
    expect([...sae.weights.encoder]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map((i) => 0x3c00 + i));
    expect([...sae.weights.decoder]).toEqual([...halves(12)]);
    const mixed = await openSae(folder({}, { ...half, W_dec: TENSORS.W_dec! }), 's');
    expect(mixed.weights.dtype).toBe('float32');
    expect(mixed.weights.encoder[1]).toBe(1 + 4 / 1024);
  });

  test('reads the statistics, whose mean becomes the centre', async () => {
    const sae = await openSae(folder({}, TENSORS, STATS), 's');
    expect(sae.stats).toEqual({
      normMedian: 7,
      fvu: 0.1,
      mean: Float32Array.of(1, 2, 3),
      maximum: Float32Array.of(0, 1, 2, 3),
      density: Float32Array.of(0, 0.5, 1, 0.25),
    });
    expect([...sae.weights.center]).toEqual([1, 2, 3]);
    expect(sae.center).toBe('mean');
    expect((await openSae(folder({}, TENSORS, { residual_norm_median: 0.5 }), 's')).stats).toEqual({
      normMedian: 0.5,
      fvu: null,
      mean: null,
      maximum: null,
      density: null,
    });
  });

  test('the rates of a sparsity.safetensors are the density, unless the statistics have one', async () => {
    const logarithms = Float32Array.from([-10, 0, -1, Math.log10(0.25)]);
    const of = async (stats: unknown, data = logarithms) => {
      const source = folder({}, TENSORS, stats);
      const sparsity = pack({ sparsity: { shape: [data.length], data } });
      const reading: Source['tryRead'] = async (path, options) =>
        path === 's/sparsity.safetensors' ? sparsity : source.tryRead(path, options);
      const { stats: read, notices } = await openSae({ ...source, tryRead: reading }, 's');
      return { ...read, notices };
    };
    const { density, maximum } = await of(null);
    expect([maximum, density![0], density![1], density![2]?.toFixed(6), density![3]?.toFixed(6)]).toEqual([
      ...[null, 0, 1, '0.100000', '0.250000'],
    ]);
    expect((await of(STATS))?.density).toEqual(Float32Array.of(0, 0.5, 1, 0.25));
    expect(await of({ residual_norm_median: 3 })).toMatchObject({ normMedian: 3, density });
    for (const bad of [[-1], [0, 0, 0, 2], [0, 0, 0, Number.NaN]]) {
      const { notices, density: none } = await of({ residual_norm_median: 3 }, Float32Array.from(bad));
      expect([none, notices]).toEqual([null, [expect.stringMatching(/^Left out: .*s\/sparsity/)]]);
    }
  });

  test.each([
    ['mean', ShapeMismatchError, [1, 2]],
    ['density', ShapeMismatchError, [0, 0, 0, 0, 0]],
    ['density', CorruptFileError, [0, 0, 0, 2]],
    ['max_activation', CorruptFileError, [0, 0, 0, -1]],
    ['max_activation', CorruptFileError, [0, 0, 0, null]],
    ['mean', CorruptFileError, 'many'],
    ['residual_norm_median', CorruptFileError, -1],
    ['fvu', CorruptFileError, 'little'],
  ])('statistics with a bad %s are refused (%o), and the dictionary is read without', async (key, error, value) => {
    const damaged = { ...STATS, [key]: value };
    const file = 's/feature_stats.json';
    expect(() => parseFeatureStats(damaged, file, 3, 4)).toThrow(error);
    const { stats, center, notices } = await openSae(folder({}, TENSORS, damaged), 's');
    expect([stats, center, notices]).toEqual([null, 'b_dec', [expect.stringMatching(/^Left out: s.feature_stats/)]]);
    expect(notices[0]).toContain(key);
  });

  test.each([
    ['architecture', 'temporal'],
    ['normalize_activations', 'expected_average_only_in'],
    ['normalize_activations', 'layer_norm'],
    ['reshape_activations', 'hook_z'],
    ['hook_head_index', 3],
    ['hook_name', 'blocks.3.hook_mlp_out'],
  ])('another convention is refused with its key: %s %s', async (key, value) => {
    const opened = openSae(folder({ [key]: value }), 's');
    await expect(opened).rejects.toThrow(UnsupportedModelError);
    await expect(opened).rejects.toThrow(`"${key}"`);
  });

  test('the layer, from any of its places', async () => {
    const layer = async (config: Record<string, unknown>) =>
      (await openSae(folder({ hook_layer: undefined, hook_name: undefined, metadata: undefined, ...config }), 's'))
        .layer;
    expect(await layer({ hook_layer: 0 })).toBe(0);
    expect(await layer({ hook_name: 'blocks.12.hook_resid_post' })).toBe(12);
    expect(await layer({ metadata: { hook_name: 'blocks.5.hook_resid_post' } })).toBe(5);
    for (const contradiction of [
      {},
      { hook_layer: 2, hook_name: 'blocks.3.hook_resid_post' },
      { hook_layer: 2, metadata: { hook_layer: 3 } },
      { hook_layer: '3' },
    ]) {
      await expect(layer(contradiction)).rejects.toThrow(CorruptFileError);
    }
    await expect(
      openSae(folder({}, TENSORS, null, 'sae/blocks.2.hook_resid_post'), 'sae/blocks.2.hook_resid_post'),
    ).rejects.toThrow(/layer 3.*layer 2/);
  });

  test.each([
    ['d_in', 4, ShapeMismatchError],
    ['d_sae', 1 << 22, ShapeMismatchError],
    ['d_sae', 0, CorruptFileError],
    ['d_sae', 1e18, CorruptFileError],
    ['k', 5, CorruptFileError],
    ['k', 0, CorruptFileError],
    ['k', 1.5, CorruptFileError],
  ])('%s of %i is refused', async (key, value, error) => {
    await expect(openSae(folder({ [key]: value }), 's')).rejects.toThrow(error);
  });

  test('half floats of another shape are refused too', async () => {
    const half: Tensors = {
      ...TENSORS,
      W_enc: { dtype: 'F16', shape: [4, 3], data: new Uint16Array(12) },
      W_dec: { dtype: 'F16', shape: [4, 3], data: new Uint16Array(12) },
    };
    await expect(openSae(folder({}, half), 's')).rejects.toThrow(/W_enc.*\[4, 3\].*\[3, 4\]/);
  });

  test('an SAE of another model is refused', async () => {
    await expect(openSae(folder(), 's', { model: { d: 3, layers: 4 } })).resolves.toMatchObject({ layer: 3 });
    await expect(openSae(folder(), 's', { model: { d: 4, layers: 4 } })).rejects.toThrow(ShapeMismatchError);
    await expect(openSae(folder(), 's', { model: { d: 3, layers: 3 } })).rejects.toThrow(ShapeMismatchError);
  });

  test('a tensor or a file that is missing', async () => {
    const { W_enc, ...rest } = TENSORS;
    await expect(openSae(folder({}, rest as Tensors), 's')).rejects.toThrow(/no tensor W_enc/);
    await expect(openSae(folder(), 'other')).rejects.toThrow(MissingFileError);
  });
});

describe('the dictionaries of a model folder', () => {
  const cfg = (path: string, layer: number) => ({
    [`sae/${path}/cfg.json`]: json({ ...SAE, hook_name: undefined, hook_layer: layer, metadata: undefined }),
  });
  const find = (index?: unknown) =>
    ownEntries(
      memoryFolder('m', {
        ...cfg('blocks.3.hook_resid_post', 3),
        ...cfg('b', 5),
        ...cfg('a', 5),
        ...(index === undefined ? {} : { 'sae/index.json': json(index) }),
      }),
    );

  test('are those of the index, or none where it cannot be told what there is', async () => {
    const found = await find(['blocks.3.hook_resid_post', 'b']);
    expect(found.entries.map(({ about, layer }) => [about.folder, layer])).toEqual([
      ['sae/blocks.3.hook_resid_post', 3],
      ['sae/b', 5],
    ]);
    expect(await find()).toEqual({ entries: [], left: [] });
  });

  test.each([[{}], [['..']], [['../x']], [['a/b']], [['']], [[3]], [['a', 'a']], [['https://x.org']]])(
    'refuses %j',
    async (index) => {
      await expect(find(index)).rejects.toThrow(CorruptFileError);
    },
  );

  test('a folder that the index names and that is not there is named, and the others open', async () => {
    const { entries, left } = await find(['c', 'b']);
    expect(entries.map(({ layer }) => layer)).toEqual([5]);
    expect(left.map(({ folder, error }) => [folder, error.name])).toEqual([['sae/c', 'SiteUnavailableError']]);
    expect(left[0]!.error.message).toContain('sae/index.json names c');
  });

  test('every SAE of lenslet-mini opens and fits', async () => {
    const source = fileFolder('public/models/lenslet-mini');
    const { layers, first, open } = await ownDictionaries(source, await openConfig(source));
    expect(layers.length).toBeGreaterThan(0);
    expect(first).toEqual(layers);
    for (const layer of layers) {
      const sae = await open(layer);
      expect([sae.layer, sae.folder, sae.center]).toEqual([layer, `sae/blocks.${layer}.hook_resid_post/`, 'mean']);
      const row = float16ToFloat32(sae.weights.decoder.subarray(0, sae.d) as Uint16Array);
      expect(Math.hypot(...row)).toBeCloseTo(1, 3);
    }
    await expect(open(99)).rejects.toThrow(SiteUnavailableError);
  });
});
