import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SiteCodes } from '../api/site';
import { Site } from '../dictionary/site';
import type { EngineLens } from '../lens';
import { openDirectory } from '../node';
import { fileFolder } from '../sources/disk';
import { sourceOfFolder } from '../sources/reads';
import { openSae } from '../testing/sae';
import { fvuOf, isFar, PROBE, probeFvu } from './fvu';

const MINI = 'public/models/lenslet-mini';

function codesOf(fvu: number[], centred: number[], norm: number[]): SiteCodes {
  const of = (values: number[]) => Float32Array.from(values);
  const none = { layer: 2, k: 1, ids: new Uint32Array(0), values: new Float32Array(0), active: new Uint32Array(0) };
  return { ...none, fvu: of(fvu), centred: of(centred), norm: of(norm), peak: of(norm.map(() => 1)) };
}

test('errors and distances are summed before they are divided; position 0 and sinks take no part', () => {
  const fill = <T>(value: T) => Array<T>(40).fill(value);
  const [fvu, centred, norm] = [fill(0.1), fill(1), fill(10)];
  expect(fvuOf(codesOf(fvu, centred, norm))).toBeCloseTo(0.1);
  [fvu[0], fvu[7], fvu[9]] = [9, 9, 0.4];
  norm[7] = 40;
  centred[9] = 2;
  expect(fvuOf(codesOf(fvu, centred, norm))).toBeCloseTo((37 * 0.1 + 4 * 0.4) / (37 + 4));
  expect(fvuOf(codesOf(fvu.slice(0, 30), centred.slice(0, 30), norm.slice(0, 30)))).toBeNull();
});

test('far off is half as much again, or nothing explained, and never a few hundredths', () => {
  expect([isFar(0.1, 0.14), isFar(0.1, 0.16), isFar(0.3, 0.44), isFar(0.3, 0.46)]).toEqual([false, true, false, true]);
  expect([isFar(0.01, 0.05), isFar(0.01, 0.07), isFar(0.8, 0.99), isFar(0.8, 1.01)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([isFar(0.97, 1.01), isFar(1.2, 1.3)]).toEqual([true, false]);
});

let lens: EngineLens;
beforeAll(async () => {
  lens = (await openDirectory(MINI)) as EngineLens;
});
afterAll(() => lens?.close());

test('a model’s own dictionaries are near what their statistics say; on another layer or another model they are not', async () => {
  expect(
    lens.info.sites.map(({ fvu }) => fvu?.probe),
    'they are opened with it in no time',
  ).toEqual([null, null, null]);
  const { engine } = lens;
  const { compute } = engine.model;
  expect(await probeFvu(engine)).toEqual([]);
  for (const { info } of engine.sites) {
    expect(info.fvu).toMatchObject({ far: false });
    expect(info.fvu!.probe! / info.fvu!.stated).toBeGreaterThan(0.7);
    expect(info.fvu!.probe! / info.fvu!.stated).toBeLessThan(1.4);
    expect(Math.max(...engine.sites.map(({ seen }) => Math.max(...seen)))).toBe(0);
  }
  expect(engine.tokenizer.read(PROBE).ids.length).toBeGreaterThan(90);

  const source = sourceOfFolder(fileFolder(MINI));
  const read = await Promise.all([0, 2, 3].map((layer) => openSae(source, `sae/blocks.${layer}.hook_resid_post`)));
  // Of a layer whose residuals are a hundred times as short: nothing of the text is a sink for that.
  const files = read.map((file) => ({ ...file, stats: { ...file.stats!, normMedian: 0.5 } }));
  // Each dictionary one site further, the last one at the first.
  const moved = files.map((_, s) => ({ ...files[(s + 2) % 3]!, layer: engine.sites[s]!.layer }));
  // And one whose channels mean something else: of another model of the same width.
  const turned = files.map(({ weights, ...file }) => {
    const turn = <T extends Float32Array | Uint16Array>(matrix: T): T =>
      matrix.map((_, i) => matrix[i - (i % weights.d) + ((i + 1) % weights.d)]!) as T;
    const { encoder, decoder, decoderBias, center } = weights;
    const ours = {
      encoder: turn(encoder),
      decoder: turn(decoder),
      decoderBias: turn(decoderBias),
      center: turn(center),
    };
    return { ...file, weights: { ...weights, ...ours } };
  });
  for (const wrong of [moved, turned]) {
    const sites = wrong.map((dictionary) => Site.open(dictionary, compute));
    const says = await probeFvu({ ...engine, sites });
    for (const { dictionary } of sites) compute.releaseDictionary(dictionary);
    expect(sites.map(({ info }) => info.fvu!.far)).toEqual([true, true, true]);
    expect(says[1]).toMatch(/layer 2 leaves \d\.\d{3} .*\(FVU against the mean\).*say \d\.\d{3}/);
  }
});
