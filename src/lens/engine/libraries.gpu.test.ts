import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Compute } from '../kernels/compute';
import { createWebGpuCompute } from '../kernels/webgpu';
import { smallUrlSource } from '../sources/url';
import { agreement, encode, LIBRARIES, type LibraryCase, libraryCases, openCase } from '../testing/libraries';
import { beyondRounding, keptParts } from '../testing/rounding';
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

test.each(['f16', 'int8'] as const)('and in %s within its rounding', async (format) => {
  const some = cases.filter(({ name }) => KINDS.includes(name));
  expect(some.length).toBe(KINDS.length);
  for (const one of some) {
    const { weights } = await openCase(one);
    const dictionary = await compute.dictionaryFromParts(keptParts(weights, format));
    const encoded = await encode(compute, dictionary, residuals);
    expect(beyondRounding(encoded, weights, residuals, one.codes, format), one.name).toEqual([]);
    compute.releaseDictionary(dictionary);
  }
});
