import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptFileError, VerbalizerMismatchError } from '../api/errors';
import { pickedSource } from '../sources/picked';
import type { Source } from '../sources/source';
import { memorySource } from '../testing/memory-source';
import { findPair, halfOf } from './nla-pair';

const META = Object.fromEntries(
  ['av', 'ar'].map((half) => [
    half,
    new Uint8Array(readFileSync(`src/lens/testing/fixtures/tiny-nla/${half}/nla_meta.yaml`)),
  ]),
);
const half = (role: string, name = `Me/nla-${role}`) =>
  memorySource({ 'nla_meta.yaml': META[role]!, 'config.json': new Uint8Array(2) }, { name });
const namesOf = async (...folders: Source[]) => {
  const { av, ar } = await findPair(folders);
  return [av.name, ar.name];
};

test('two folders are a pair in any order; one folder may hold both, under any names', async () => {
  expect(await namesOf(half('av'), half('ar'))).toEqual(['Me/nla-av', 'Me/nla-ar']);
  expect(await namesOf(half('ar'), half('av'))).toEqual(['Me/nla-av', 'Me/nla-ar']);
  const both = { 'x/critic/nla_meta.yaml': META.ar!, 'x/actor/nla_meta.yaml': META.av! };
  expect(await namesOf(memorySource(both, { name: 'pair' }))).toEqual(['pair/x/actor', 'pair/x/critic']);
  const { list: _, ...unlisted } = memorySource(
    { 'av/nla_meta.yaml': META.av!, 'ar/nla_meta.yaml': META.ar! },
    { name: 'https://a.example/pair/' },
  );
  expect(await namesOf(unlisted)).toEqual(['https://a.example/pair/av', 'https://a.example/pair/ar']);
});

test('a picked folder around both is one of them', async () => {
  const files = ['av', 'ar'].flatMap((role) => [
    { path: `${role}/config.json`, file: new File(['{}'], 'config.json') },
    { path: `${role}/nla_meta.yaml`, file: new File([META[role]! as Uint8Array<ArrayBuffer>], 'nla_meta.yaml') },
  ]);
  expect(await namesOf(pickedSource({ name: 'pair', files }))).toEqual(['pair/av', 'pair/ar']);
});

test.each([
  ['no half', [memorySource({ 'config.json': new Uint8Array(2) }, { name: 'm' })], 'There is no av in m.'],
  ['one half', [half('av')], 'There is no ar in Me/nla-av.'],
  [
    'two of one kind',
    [half('av', 'a'), half('av', 'b'), half('ar')],
    'There is more than one av (a, b) in a, b, Me/nla-ar.',
  ],
])('%s is refused by what there is', async (_, folders, words) => {
  const refused = findPair(folders);
  await expect(refused).rejects.toThrow(VerbalizerMismatchError);
  await expect(refused).rejects.toThrow(words);
});

test('a damaged half is called damaged', async () => {
  const damaged = memorySource({ 'nla_meta.yaml': new TextEncoder().encode('role: [') }, { name: 'm' });
  await expect(findPair([damaged, half('ar')])).rejects.toThrow(CorruptFileError);
});

test('what was opened as a model and is half of a pair is told; a bare address is not asked', async () => {
  expect(await halfOf(half('ar'))).toBe('ar');
  expect(await halfOf(memorySource({ 'nla/av/nla_meta.yaml': META.av! }, { name: 'm' }))).toBeNull();
  const { list: _, ...unlisted } = half('av');
  expect(await halfOf(unlisted)).toBeNull();
});
