import { expect, test } from 'vitest';
import { CorruptFileError, InvalidEditError } from '../api/errors';
import { type SiteInfo, UNSTATED } from '../api/site';
import type { Token } from '../api/text';
import { FeatureData } from '../folders/feature-data';
import { FEATURES_METADATA, FEATURES_OF, featureTensors, type Packed, pack } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { extremes } from './feature';
import { siteLabels, snippetsOf, storedFacts, type Told } from './stored-facts';

const info = (layer: number, width: number): SiteInfo => ({
  layer,
  width,
  k: 2,
  activation: 'topk',
  about: UNSTATED,
  center: 'mean',
  normMedian: null,
  maximum: null,
  density: Float32Array.from({ length: width }, () => 0.5),
  fvu: null,
  sha256: null,
  features: null,
});

async function site(tensors: Record<string, Packed> = featureTensors()): Promise<Told> {
  const folder = memoryFolder('m', { 's/features.safetensors': pack(tensors, FEATURES_METADATA) });
  return { layer: 3, info: info(3, 4), features: await FeatureData.open(folder, 's/', FEATURES_OF) };
}

/** The site at layer 1 that the fixture names, three features wide, with names of its own or damaged. */
async function other(damaged = false): Promise<Told> {
  const cut = (packed: Packed): Packed =>
    packed.shape[0] === 4
      ? { ...packed, shape: [3, ...packed.shape.slice(1)], data: packed.data.slice(0, (packed.data.length / 4) * 3) }
      : packed;
  const tensors = Object.fromEntries(
    Object.entries(featureTensors()).map(([name, tensor]) => [name, name.startsWith('snippet') ? tensor : cut(tensor)]),
  );
  tensors['similar.ids']!.data.fill(0);
  tensors['label.begin'] = { dtype: 'U32', shape: [4], data: Uint32Array.of(0, 0, 0, damaged ? 11 : 12) };
  tensors['snippet.first'] = { dtype: 'U32', shape: [4], data: Uint32Array.of(0, 3, 4, 4) };
  const metadata = { ...FEATURES_METADATA, layer: '1', width: '3', 'nearest.layers': '[3]' };
  const folder = memoryFolder('m', { 's/features.safetensors': pack(tensors, metadata) });
  return {
    layer: 1,
    info: info(1, 3),
    features: await FeatureData.open(folder, 's/', { ...FEATURES_OF, layer: 1, width: 3, widths: new Map([[3, 4]]) }),
  };
}

test('a feature’s facts: label, densities, histogram, and its like by name', async () => {
  const own = await site();
  const facts = await storedFacts(own, 0, [own, await other()]);
  expect(facts).toMatchObject({
    label: { text: 'after ', precision: 0.75, recall: 0.5 },
    density: { written: 0.5, heldOut: 0.25 },
    similar: [
      { layer: 3, id: 1, cosine: 0.75, label: '龘龘' },
      { layer: 3, id: 3, cosine: 0.5, label: null },
    ],
    nearest: [{ layer: 1, id: 2, cosine: 0.5, label: 'after 龘龘' }],
  });
  expect(facts.histogram!.maximum).toBe(10);
  expect([...facts.histogram!.counts]).toEqual(Array.from({ length: 32 }, (_, i) => 32 - i));
});

test('a feature that never fired has no histogram; a site that is not open is not named', async () => {
  const own = await site();
  expect(await storedFacts(own, 2, [own])).toMatchObject({
    label: null,
    density: { written: 0, heldOut: 0 },
    histogram: null,
    nearest: [],
  });
});

test('another site’s damaged data cost its names, and nothing here', async () => {
  const own = await site();
  const broken = await other(true);
  expect((await storedFacts(own, 0, [own, broken])).nearest).toEqual([{ layer: 1, id: 2, cosine: 0.5, label: null }]);
  await expect(storedFacts(broken, 0, [own, broken])).rejects.toThrow(CorruptFileError);
});

test('without feature data there are statistics, and nothing else', async () => {
  const bare: Told = { layer: 3, info: info(3, 4), features: null };
  expect(await storedFacts(bare, 1, [bare])).toEqual({
    label: null,
    density: { written: null, heldOut: 0.5 },
    histogram: null,
    similar: [],
    nearest: [],
  });
  expect(await siteLabels(bare, { text: String })).toBeNull();
  expect(await snippetsOf(bare, 1, { tokens: () => [] })).toEqual([]);
});

test('all labels of a site, and what its features promote in the tokenizer’s words', async () => {
  const labels = (await siteLabels(await site(), { text: (id) => `<${id}>` }))!;
  expect([labels.promoted.per, labels.promoted.ids]).toEqual([2, Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8)]);
  expect(labels.promoted.tokens).toEqual(Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((id) => [id, `<${id}>`])));
  expect(labels.labels).toEqual(['after ', '龘龘', null, null]);
  expect([labels.layer, labels.precision[0], labels.recall[1], labels.density.heldOut[3]]).toEqual([3, 0.75, 1, 0.5]);
});

test('snippets in the tokenizer’s words, the strongest firing first', async () => {
  const tokens = (ids: ArrayLike<number>): Token[] =>
    Array.from(ids, (id, position) => ({ id, text: `<${id}>`, position, special: false }));
  const snippets = await snippetsOf(await site(), 0, { tokens });
  expect(
    snippets.map(({ band, source, peak, tokens: list }) => [
      band,
      source,
      list[peak]!.value,
      list.map(({ text }) => text).join(''),
    ]),
  ).toEqual([
    [0, 'arithmetic', 10, '<4><5>'],
    [0, 'model', 8, '<1><2><3>'],
    [2, 'model', 2, '<6>'],
  ]);
  await expect(snippetsOf(await site(), 4, { tokens })).rejects.toThrow(InvalidEditError);
});

test('promoted tokens are the highest logits of whole characters, ties by lower id', () => {
  const texts = ['a', 'b', '\ufffd', '', '<|end|>', 'c', ...'defghijklm'];
  const tokenizer = { text: (id: number) => texts[id]!, isSpecial: (id: number) => id === 4 };
  const logits = Float32Array.from(texts, (_, id) => (id >= 2 && id <= 4 ? 100 : id === 5 ? 50 : -id));
  expect(extremes(logits, 1, tokenizer).map(({ text }) => text)).toEqual([
    'c',
    'a',
    'b',
    'd',
    'e',
    'f',
    'g',
    'h',
    'i',
    'j',
  ]);
  expect(extremes(logits, -1, tokenizer)[0]).toEqual({ id: 15, text: 'm', logit: -15 });
  expect(extremes(new Float32Array(3), 1, tokenizer).map(({ id }) => id)).toEqual([0, 1]);
});
