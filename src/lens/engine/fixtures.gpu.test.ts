import { describe, expect, test } from 'vitest';
import type { Provider } from '../api/open';
import { Site } from '../dictionary/site';
import { openConfig } from '../folders/config';
import { openWeights } from '../folders/weights';
import { type Slot, slice } from '../kernels/compute';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import { smallUrlSource } from '../sources/url';
import { openSae } from '../testing/sae';
import { siteCodes } from './codes';
import { openGpu } from './device';
import { createKv } from './kv';
import { Model } from './model';
import { prefill } from './prefill';
import { loadRuntime } from './runtime';
import { Scope } from './scope';

// Small Qwen3 folders with random weights and PyTorch's numbers for them: every way a checkpoint may be stored
// (training/fixtures/tiny.py).
const root = '/src/lens/testing/fixtures';
// Written by training/independent/clamp.py.
const SAE_LENS = 'clamped-by-sae-lens-6.54.9';

async function device(provider: Provider) {
  const gpu = provider === 'webgpu' ? await openGpu(true) : null;
  return { gpu, compute: gpu ? createWebGpuCompute(gpu.device) : createWasmCompute() };
}

const furthest = (actual: Float32Array, expected: number[]): number =>
  expected.reduce((most, x, i) => Math.max(most, Math.abs(actual[i]! - x)), 0);

function worstRelative(actual: Float32Array, expected: number[], width: number): number {
  let worst = 0;
  for (let t = 0; t * width < expected.length; t++) {
    let error = 0;
    let norm = 0;
    for (let i = t * width; i < (t + 1) * width; i++) {
      error += (actual[i]! - expected[i]!) ** 2;
      norm += expected[i]! ** 2;
    }
    worst = Math.max(worst, Math.sqrt(error / norm));
  }
  return worst;
}

describe.each<Provider>(['wasm', 'webgpu'])('stored checkpoints on %s', (provider) => {
  test.each(['tiny-untied-bf16-sharded', 'tiny-tied-f32', 'tiny-tied-f16'])('%s', async (name) => {
    const folder = smallUrlSource(`${root}/${name}/`);
    const expected: { ids: number[]; residuals: Record<string, number[]>; logits: number[] } = await (
      await fetch(`${root}/${name}/expected.json`)
    ).json();
    const [config, weights, runtime] = [await openConfig(folder), await openWeights(folder), await loadRuntime()];
    const { gpu, compute } = await device(provider);
    const ids = Int32Array.from(expected.ids);
    // Cut after every block in turn: the last part's residual is that of the block before it.
    for (const layer of Object.keys(expected.residuals).map(Number)) {
      const model = await Model.create({
        config: { ...config, layers: layer + 1 },
        weights,
        sites: layer > 0 ? [layer - 1] : [],
        runtime,
        gpu,
        compute,
      });
      const run = await prefill(model, [], { ids });
      const logits = compute.rows(ids.length, config.vocabularySize);
      await model.logits(run.final, ids.length, logits);
      const [h, out] = (await compute.read([run.final, logits])) as [Float32Array, Float32Array];
      expect(worstRelative(h, expected.residuals[layer]!, config.d), `residual ${layer}`).toBeLessThan(1e-4);
      if (layer === config.layers - 1) {
        const worst = expected.logits.reduce((max, x, i) => Math.max(max, Math.abs(out[i]! - x)), 0);
        expect(worst, 'logits').toBeLessThan(1e-3);
      }
      await model.release();
    }
    compute.destroy();
    gpu?.device.destroy();
  });

  test('a right-padded batch in a cache with room to spare reads each text as if alone', async () => {
    // total_sequence_length is the longest row, not the cache's length. Only a padded batch shows the difference.
    const folder = smallUrlSource(`${root}/tiny-tied-f32/`);
    const [config, weights, runtime] = [await openConfig(folder), await openWeights(folder), await loadRuntime()];
    const { gpu, compute } = await device(provider);
    const model = await Model.create({ config, weights, sites: [], runtime, gpu, compute });
    const texts = [
      [5, 9, 2, 77, 31],
      [14, 3],
    ];
    const total = 5;
    const out = compute.rows(texts.length * total, config.d);
    const ids = Int32Array.from(texts.flatMap((text) => [...text, ...new Array<number>(total - text.length).fill(0)]));
    const kv = createKv(new Scope(compute), config, texts.length, 16);
    await model.run(0, ids, kv, { batch: 2, seq: total, lengths: texts.map((text) => text.length), total }, out);
    const [padded] = await compute.read([out]);
    for (const [b, text] of texts.entries()) {
      const run = await prefill(model, [], { ids: Int32Array.from(text) });
      const [h] = await compute.read([run.final]);
      const row = padded!.subarray(b * total * config.d, (b * total + text.length) * config.d);
      expect(
        worstRelative(row as Float32Array, Array.from(h!.subarray(0, text.length * config.d)), config.d),
        `text ${b}`,
      ).toBeLessThan(1e-5);
    }
    await model.release();
    compute.destroy();
    gpu?.device.destroy();
  });

  test('a dictionary stored in half floats', async () => {
    const { gpu, compute } = await device(provider);
    const sae = await openSae(smallUrlSource(root), 'tiny-sae-f16');
    const expected: { rows: number; residuals: number[]; ids: number[]; values: number[]; fvu: number[] } = await (
      await fetch(`${root}/tiny-sae-f16/expected.json`)
    ).json();
    const site = Site.open(sae, compute);
    const h = compute.rows(expected.rows, sae.d, Float32Array.from(expected.residuals));
    const codes = compute.codes(site.dictionary, expected.rows);
    compute.encode(site.dictionary, slice(h), expected.rows, slice(codes));
    const [ids, values, stats] = (await compute.read([codes.ids, codes.values, codes.stats])) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const read = siteCodes(sae.layer, sae.k, [ids, values, stats], 0, expected.rows);
    expect([...read.ids]).toEqual(expected.ids);
    for (const [i, value] of expected.values.entries())
      expect(Math.abs(read.values[i]! - value)).toBeLessThan(1e-4 * Math.max(1, value));
    for (const [t, fvu] of expected.fvu.entries()) expect(Math.abs(read.fvu[t]! - fvu)).toBeLessThan(1e-3);
    compute.destroy();
    gpu?.device.destroy();
  });

  test('a feature is set on every token as SAELens sets it', async () => {
    const { gpu, compute } = await device(provider);
    const sae = await openSae(smallUrlSource(root), 'tiny-sae-f16');
    const read = async (name: string) => (await fetch(`${root}/tiny-sae-f16/${name}.json`)).json();
    const { rows, residuals }: { rows: number; residuals: number[] } = await read('expected');
    const cases: { feature: number; value: number; residuals: number[] }[] = await read(SAE_LENS);
    const site = Site.open(sae, compute);
    const codes = slice(compute.codes(site.dictionary, rows));
    const before = Float32Array.from(residuals);
    compute.encode(site.dictionary, slice(compute.rows(rows, sae.d, before)), rows, codes);
    for (const { feature, value, residuals: expected } of cases) {
      const h = compute.rows(rows, sae.d, before);
      const program: Slot[] = [{ mode: 'clamp', feature, strength: value, on: 'everywhere' }];
      const report = slice(compute.rows(rows, 4));
      compute.edit(site.dictionary, {
        h: slice(h),
        programs: Array(rows).fill(program),
        codes,
        vectors: compute.rows(1, sae.d),
        report,
      });
      const [after] = await compute.read([h]);
      expect(furthest(after!, expected), `feature ${feature} at ${value}`).toBeLessThan(1e-4);
      // The second feature is active nowhere: to set it to 0 changes nothing.
      const moves = value > 0 || feature === cases[0]!.feature;
      expect(furthest(before, expected) > 0.1, `feature ${feature} at ${value} moves`).toBe(moves);
    }
    compute.destroy();
    gpu?.device.destroy();
  });
});
