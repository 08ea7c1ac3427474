import { expect, test } from 'vitest';
import { DamagedStoreError } from '../api/errors';
import { UNSTATED } from '../api/site';
import { openConfig } from '../folders/config';
import { sha256 } from '../formats/sha256';
import { readTensorTable } from '../formats/tensor-table';
import { EARLIER, HUB, toyModel, toySource } from '../testing/toy-store';
import { entryOf, keyOf, lackedOf, type Manifest, needsAny, parseManifest, partsOf, without } from './manifest';
import { pieceBytes, planModel } from './plan-pieces';
import { freshManifest, goesOn } from './resume';
import type { Wanted } from './wanted';

async function toyWanted(): Promise<Wanted> {
  const source = await toySource(toyModel());
  const plan = planModel(await readTensorTable(source), await openConfig(source), 'q4', 1024);
  return { kind: 'model', source, detail: 'q4', meta: null, plan, whole: [], beside: [] };
}

/** The manifest after the first file and two pieces of the second. */
async function halfWay(wanted: Wanted): Promise<Manifest> {
  const manifest = freshManifest(wanted, keyOf({ kind: 'model', origin: HUB, mark: null, detail: 'q4' }), null);
  const [first, second] = wanted.plan.files;
  const left = second!.pieces.slice(0, 2);
  for (const piece of [...first!.pieces, ...left]) {
    const hash = (await sha256(new TextEncoder().encode(`${piece.tensor.name} ${piece.index}`)))!;
    manifest.tensors[piece.tensor.name]!.parts.push({ sha256: hash, bytes: pieceBytes(piece), rows: piece.rows });
  }
  manifest.hashes[first!.file.path] = first!.file.sha256!;
  manifest.resume[second!.file.path] = { offset: left.at(-1)!.end, state: 'AAAA' };
  manifest.whole['config.json'] = { sha256: 'c'.repeat(64), bytes: 10 };
  manifest.read = first!.file.size + left.at(-1)!.end + 10;
  return manifest;
}

test('an entry has one key, whoever makes it', () => {
  expect(keyOf({ kind: 'model', origin: HUB, mark: null, detail: 'q4' })).toBe(
    `model hub https://huggingface.co Toy/toy@${'a'.repeat(40)} q4`,
  );
  const origin = { kind: 'picked', name: 'mine' } as const;
  expect(keyOf({ kind: 'dictionary', origin, mark: '0123', detail: 'layer10' })).toBe(
    'dictionary picked mine#0123 layer10',
  );
});

test('a manifest is read back as it was written', async () => {
  const manifest = await halfWay(await toyWanted());
  expect(parseManifest(structuredClone(manifest))).toEqual(manifest);
  expect(entryOf(manifest)).toMatchObject({ complete: false, read: manifest.read, total: manifest.total });
});

const DICTIONARY = {
  copied: true,
  layer: 10,
  d: 32,
  width: 128,
  k: 64,
  activation: { kind: 'threshold', all: -0.5 },
  fold: { inputScale: 0.25, centred: true, rescaled: false },
  about: { library: 'SAELens', architecture: 'batchtopk', folder: 'layers.10', l0: 16.5, levels: [32, 128] },
  notices: ['It was trained on another model.'],
  beside: ['layers.10/feature_stats.json', 'layers.10/features.safetensors'],
  unasked: ['layers.10/sparsity.safetensors'],
};

async function dictionaryEntry(meta: object): Promise<unknown> {
  const wanted = { ...(await toyWanted()), kind: 'dictionary', detail: 'layer10', meta: null } as const;
  const key = keyOf({ kind: 'dictionary', origin: HUB, mark: null, detail: 'layer10' });
  return { ...freshManifest(wanted, key, null), meta };
}

test('what is known of a dictionary is read back', async () => {
  expect(parseManifest(await dictionaryEntry(DICTIONARY)).meta).toEqual(DICTIONARY);
  const topk = { ...DICTIONARY, beside: [], activation: { kind: 'topk', k: 64 }, about: UNSTATED, notices: [] };
  expect(parseManifest(await dictionaryEntry(topk)).meta).toEqual(topk);
});

test('an entry that knows no more than its sizes is one of an earlier version', async () => {
  const { layer, d, width, k } = DICTIONARY;
  expect(parseManifest(await dictionaryEntry({ layer, d, width, k })).meta).toEqual({ layer, d, width, k, ...EARLIER });
});

test.each([
  ['"kind"', { activation: { kind: 'softmax' } }],
  ['"all"', { activation: { kind: 'threshold', all: Number.NaN } }],
  ['"inputScale"', { fold: { inputScale: 0 } }],
  ['"l0"', { about: { ...DICTIONARY.about, l0: -1 } }],
  ['"levels"', { about: { ...DICTIONARY.about, levels: ['all'] } }],
  ['"notices"', { notices: [7] }],
])('a dictionary of no known kind is a damaged entry: %s', async (key, change) => {
  const entry = await dictionaryEntry({ ...DICTIONARY, ...change });
  expect(() => parseManifest(entry)).toThrow(DamagedStoreError);
  expect(() => parseManifest(entry)).toThrow(key);
});

test('without a file beside a dictionary an entry stays complete; without any other it does not', async () => {
  const [stats, features] = DICTIONARY.beside as [string, string];
  const part = (digit: string) => ({ sha256: digit.repeat(64), bytes: 10 });
  const whole = { LICENSE: part('a'), [stats]: part('b'), [features]: part('c') };
  const fresh = parseManifest(await dictionaryEntry(DICTIONARY));
  const manifest: Manifest = { ...fresh, files: [], tensors: {}, complete: true, whole, read: 30, total: 30 };
  const gone = (...digits: string[]) => new Set(digits.map((digit) => digit.repeat(64)));
  const left = without(manifest, gone('c'))!;
  expect(left).toMatchObject({ complete: true, read: 20, whole: { LICENSE: part('a'), [stats]: part('b') } });
  expect([lackedOf(manifest), lackedOf(left)]).toEqual([[], [features]]);
  expect(parseManifest(structuredClone(left))).toEqual(left);
  expect(without(manifest, gone('a', 'c'))).toMatchObject({ complete: false, read: 10 });
  expect([needsAny(manifest, gone('b', 'c')), needsAny(manifest, gone('a'))]).toEqual([false, true]);
});

test('what was lost makes an entry incomplete by its source’s bytes', async () => {
  const manifest = { ...(await halfWay(await toyWanted())), complete: true };
  const [part] = manifest.tensors['model.embed_tokens.weight']!.parts;
  expect(without(manifest, new Set([part!.sha256, 'c'.repeat(64)]))).toMatchObject({
    complete: false,
    read: manifest.read - 1024 - 10,
  });
  expect(without(manifest, new Set(['d'.repeat(64)]))).toBeNull();
  expect(without({ ...manifest, complete: false }, new Set([part!.sha256]))).toBeNull();
});

test('an entry goes on only where the source is what it was and all up to the stop is there', async () => {
  const wanted = await toyWanted();
  const manifest = await halfWay(wanted);
  expect(goesOn(manifest, wanted)).toBe(true);
  const other = (change: (m: Manifest) => void) => {
    const copy = structuredClone(manifest);
    change(copy);
    return goesOn(copy, wanted);
  };
  const second = wanted.plan.files[1]!.file.path;
  expect(other((m) => (m.files[0]!.size += 2))).toBe(false);
  expect(other((m) => (m.files[0]!.sha256 = 'b'.repeat(64)))).toBe(false);
  expect(other((m) => (m.resume[second]!.offset -= 1))).toBe(false);
  expect(other((m) => m.tensors['model.embed_tokens.weight']!.parts.pop())).toBe(false);
  expect(other((m) => (m.tensors['model.embed_tokens.weight']!.parts[0]!.rows -= 1))).toBe(false);
  expect(other((m) => (m.tensors['model.norm.weight']!.encoding = 'f16'))).toBe(false);
  expect(other((m) => delete m.hashes[wanted.plan.files[0]!.file.path])).toBe(false);
  expect(other((m) => delete m.resume[second])).toBe(false);
  expect(other((m) => delete m.tensors['model.norm.weight'])).toBe(false);
});

test('some rules that a damaged manifest breaks', async () => {
  const manifest = await halfWay(await toyWanted());
  const broken = (change: (m: Manifest) => void) => {
    const copy = structuredClone(manifest);
    change(copy);
    return () => parseManifest(copy);
  };
  for (const change of [
    (m) => (m.complete = true),
    (m) => (m.key = 'another'),
    (m) => (m.version = 2 as 1),
    (m) => (m.read = m.total + 1),
    (m) => (m.meta = { layer: 1, d: 2, width: 3, k: 4, ...EARLIER }),
    (m) => (m.tensors['model.embed_tokens.weight']!.parts[0]!.bytes += 1),
    (m) => (m.tensors['model.embed_tokens.weight']!.parts[0]!.sha256 = '../../etc'),
    (m) => m.tensors['model.embed_tokens.weight']!.parts.push(m.tensors['model.embed_tokens.weight']!.parts[0]!),
    (m) => (m.tensors['model.embed_tokens.weight']!.shape = [64, Number.NaN]),
  ] as ((m: Manifest) => void)[])
    expect(broken(change)).toThrow(DamagedStoreError);
});

test('any manifest is either sound or refused by name', async () => {
  const wanted = await toyWanted();
  const manifest = await halfWay(wanted);
  let state = 7;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const odd = () =>
    [
      null,
      undefined,
      -1,
      0,
      1.5,
      2 ** 53,
      Number.NaN,
      '',
      'x'.repeat(5000),
      '__proto__',
      [],
      {},
      [[[]]],
      new Map(),
      new Date(0),
      true,
      10n,
    ][random(17)];
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    const copy = structuredClone(manifest) as unknown as Record<string, unknown>;
    for (let changes = 1 + random(3); changes > 0; changes--) mutate(copy, random, odd);
    let parsed: Manifest;
    try {
      parsed = parseManifest(copy);
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedStoreError);
      refused++;
      continue;
    }
    // A sound manifest can be used.
    const { bytes } = entryOf(parsed);
    expect(Number.isSafeInteger(bytes)).toBe(true);
    without(parsed, new Set(partsOf(parsed).map((part) => part.sha256)));
    goesOn(parsed, wanted);
  }
  expect(refused).toBeGreaterThan(500);
});

/** Changes, removes or adds one value somewhere in the tree. */
function mutate(root: object, random: (n: number) => number, odd: () => unknown): void {
  let at = root as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[random(keys.length)];
    if (key === undefined) return;
    const value = at[key];
    if (typeof value === 'object' && value !== null && random(4) > 0) {
      at = value as Record<string, unknown>;
      continue;
    }
    const what = random(3);
    if (what === 0) delete at[key];
    else if (what === 1) at[key] = odd();
    else at[`${key}2`] = odd();
    return;
  }
}
