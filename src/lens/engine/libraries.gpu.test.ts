import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDictionaryFile } from '../folders/dictionary-list';
import type { Compute } from '../kernels/compute';
import { createHostConverter } from '../kernels/convert-host';
import { createWebGpuCompute } from '../kernels/webgpu';
import { smallUrlSource } from '../sources/url';
import { installDictionary } from '../store/install';
import type { Manifest } from '../store/manifest';
import { Store } from '../store/store';
import { storedDictionary } from '../store/stored';
import {
  agreement,
  encode,
  LAYER,
  LIBRARIES,
  type LibraryCase,
  libraryCases,
  MODEL,
  openCase,
  sourceOfCase,
} from '../testing/libraries';
import { beyondRounding } from '../testing/rounding';
import { type Gpu, openGpu } from './device';

let gpu: Gpu;
let compute: Compute;
let residuals: Float32Array;
let cases: LibraryCase[];
beforeAll(async () => {
  const fixtures = smallUrlSource(`/${LIBRARIES}/`);
  const read = await libraryCases((path) => fixtures.read(path));
  residuals = read.residuals;
  // The older configurations are of one dictionary.
  cases = read.cases.filter(({ name }) => !name.includes('/older/') || name.endsWith('/no-layer'));
  gpu = await openGpu(true);
  compute = createWebGpuCompute(gpu.device);
});
afterAll(() => {
  compute.destroy();
  gpu.device.destroy();
});

test('every form that a library writes agrees with it on WebGPU, in float32', async () => {
  for (const one of cases) {
    const { weights } = await openCase(one);
    const dictionary = compute.dictionary(weights);
    const encoded = await encode(compute, dictionary, residuals);
    const { rows, same, values, fvu } = agreement(encoded, { bias: weights.decoderBias }, residuals, one);
    expect.soft(same, one.name).toBe(rows);
    for (const apart of [values, fvu]) expect.soft(apart, one.name).toBeLessThan(1e-4);
    compute.releaseDictionary(dictionary);
  }
});

// One for each thing that a fold does: rows scaled, b_dec subtracted, one threshold, one a feature, magnitudes.
const KINDS = [
  'sae-lens-6.54.12/topk-checkpoint',
  'sae-lens-6.54.12/batchtopk',
  'sae-lens-6.54.12/jumprelu',
  'sae-lens-6.54.12/gated',
  'dictionary_learning-0.1.0/AutoEncoder',
];

test.each(['f16', 'int8'] as const)('and as the store keeps it, in %s, within its rounding', async (format) => {
  const store = await Store.open();
  const some = format === 'f16' ? cases : cases.filter(({ name }) => KINDS.includes(name));
  expect(some.length).toBeGreaterThanOrEqual(KINDS.length);
  for (const one of some) {
    const { weights } = await openCase(one);
    const manifest = await keepCase(store, one);
    const kept = await storedDictionary(store, manifest);
    const dictionary = await compute.dictionaryFromParts({ ...kept, format, center: kept.decoderBias });
    const encoded = await encode(compute, dictionary, residuals);
    expect(beyondRounding(encoded, weights, residuals, one.codes, format), one.name).toEqual([]);
    compute.releaseDictionary(dictionary);
    await store.remove(manifest.key);
  }
});

/** Puts a case into the store as a dictionary that somebody chooses beside a large model. */
async function keepCase(store: Store, one: LibraryCase): Promise<Manifest> {
  const source = sourceOfCase(one);
  const plan = await readDictionaryFile(source, LAYER, MODEL);
  return installDictionary(plan.source ?? source, plan, { store, converter: createHostConverter() });
}
