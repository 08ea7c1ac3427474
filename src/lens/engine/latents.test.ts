import { expect, test } from 'vitest';
import type { DictionaryWeights } from '../folders/dictionary-weights';
import { slice } from '../kernels/compute';
import { createWasmCompute } from '../kernels/wasm';
import { integerDictionary, integerShaping, integers } from '../testing/kernels';
import { siteCodes } from './codes';
import { areWhole, latentsOf } from './latents';

const [d, width, rows] = [5, 40, 3];
const h = integers(rows * d, 3);
// In the last row p is the bias, and three features are active.
h.fill(0, 2 * d);

async function read(weights: DictionaryWeights) {
  const compute = createWasmCompute();
  const dictionary = compute.dictionary(weights);
  const codes = compute.codes(dictionary, rows);
  const x = compute.rows(rows, d, h);
  compute.encode(dictionary, slice(x), rows, slice(codes));
  const [ids, values, stats] = (await compute.read([codes.ids, codes.values, codes.stats])) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const site = siteCodes(1, weights.k, [ids, values, stats], 0, rows);
  const features = Array.from({ length: width }, (_, f) => f);
  const all = await Promise.all(features.map((f) => latentsOf(compute, dictionary, { codes: site, h: x }, f)));
  return { site, all };
}

function weightsOf(k: number): DictionaryWeights {
  const weights = { ...integerDictionary(d, width, k, 'float32'), ...integerShaping(width, 2) };
  weights.encoderBias.fill(0).set([3, 3, 3, 3], 10);
  weights.threshold!.fill(2).set([1, 3, 2, 0], 10);
  return weights;
}

test('a feature’s latents are those that a dictionary with room for all keeps', async () => {
  const [few, room] = [await read(weightsOf(4)), await read(weightsOf(width))];
  expect([areWhole(few.site), areWhole(room.site)]).toEqual([false, true]);
  expect([...few.site.active]).toEqual([...room.site.active]);
  expect(few.site.active[2]).toBe(3);
  expect(few.site.active[0]).toBeGreaterThan(4);
  expect(few.all).toEqual(room.all);
  expect(few.all.map(([z]) => z).filter((z) => z! > 0).length).toBe(few.site.active[0]);
  expect([10, 11, 12, 13].map((f) => few.all[f]![2])).toEqual([3, 0, 3, 3]);
});

test('those of a top-k dictionary are its codes', async () => {
  const { site, all } = await read({ ...weightsOf(4), activation: 'topk', threshold: null });
  expect(areWhole(site)).toBe(true);
  expect([...site.active]).toEqual([4, 4, 4]);
  expect(all.flatMap((z) => [...z]).filter((z) => z > 0).length).toBe(12);
});
