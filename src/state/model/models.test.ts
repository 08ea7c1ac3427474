import { describe, expect, it, test } from 'vitest';
import { StoreBusyError } from '../../lens/api/errors';
import type { HubSource, KeptEntry, LensStore } from '../../lens/api/model';
import type { OpenRequest } from '../../lens/api/request';
import { settled } from '../testing/lens';
import { atAddress } from './model-url';
import {
  createModels,
  dictionaryPlaceOf,
  hereOf,
  isLayerKept,
  requestOfEntry,
  storedLayers,
  storedRequest,
} from './models';

const commit = 'c'.repeat(40);
const hub = (repo: string) => ({
  kind: 'hub' as const,
  endpoint: 'https://huggingface.co',
  repo,
  revision: commit,
  asked: 'main',
});
const entry = (patch: Partial<KeptEntry>): KeptEntry => ({
  key: 'model',
  kind: 'model',
  origin: hub('a/b'),
  detail: 'q4',
  complete: true,
  bytes: 1000,
  read: 3000,
  total: 3000,
  opened: 1,
  ...patch,
});
const rows = (layer: number, patch: Partial<KeptEntry> = {}) =>
  entry({
    key: `rows ${layer}`,
    kind: 'dictionary',
    origin: hub('a/c'),
    detail: `layer${layer}`,
    read: 500,
    total: 500,
    ...patch,
  });
const request = (patch: Partial<OpenRequest> = {}, named: Partial<HubSource> = {}): OpenRequest => ({
  model: { kind: 'hub', repo: 'a/b', ...named },
  dictionary: { kind: 'hub', repo: 'a/c', endpoint: named.endpoint },
  ...patch,
});

function fakeStore(entries: KeptEntry[]) {
  const fake = {
    entries,
    calls: [] as string[],
    busy: false,
    release: () => {},
    list: async () => [...fake.entries],
    usage: async () => ({ used: 5, quota: 50, persisted: false }),
    verify: async (key: string, { signal, onProgress }: Parameters<LensStore['verify']>[1] = {}) => {
      fake.calls.push(`verify ${key}`);
      onProgress?.({ loaded: 1, total: 2 });
      await new Promise<void>((resolve) => {
        fake.release = resolve;
      });
      signal?.throwIfAborted();
      return 2;
    },
    remove: async (key: string) => {
      if (fake.busy) throw new StoreBusyError('Another tab reads from the store.');
      fake.entries = fake.entries.filter((one) => one.key !== key);
      return 1000;
    },
  };
  return fake satisfies LensStore & Record<string, unknown>;
}

describe('what is kept', () => {
  it('is listed with the last one opened first, with what it takes', async () => {
    const models = createModels(async () => fakeStore([entry({ opened: 1 }), rows(3, { opened: 9 })]));
    await models.read();
    expect(models.store.getState()).toMatchObject({
      kept: [{ key: 'rows 3' }, { key: 'model' }],
      usage: { quota: 50 },
      error: null,
    });
  });

  it('is deleted on the second word, and stays where another tab uses it', async () => {
    const store = fakeStore([entry({})]);
    const models = createModels(async () => store);
    await models.read();
    await models.remove('model');
    expect([models.store.getState().deleting, store.entries.length]).toEqual(['model', 1]);
    store.busy = true;
    await models.remove('model');
    expect(models.store.getState()).toMatchObject({
      deleting: null,
      error: { name: 'StoreBusyError' },
      kept: [{ key: 'model' }],
    });
    store.busy = false;
    await models.remove('model');
    models.keepIt();
    await models.remove('model');
    expect(store.entries).toHaveLength(1);
    await models.remove('model');
    expect(models.store.getState()).toMatchObject({ kept: [], error: null });
  });

  it('is verified with its progress, and the damaged parts are counted', async () => {
    const store = fakeStore([entry({})]);
    const models = createModels(async () => store);
    const verified = models.verify('model');
    await settled();
    expect(models.store.getState().verifying).toEqual({ key: 'model', progress: { loaded: 1, total: 2 } });
    store.release();
    await verified;
    expect(models.store.getState()).toMatchObject({ verifying: null, verified: { model: 2 } });
  });

  it('cannot be said where the browser has no store, and that is said', async () => {
    const models = createModels(async () => {
      throw new Error('no store');
    });
    await models.read();
    expect(models.store.getState()).toMatchObject({ kept: [], error: { message: 'no store' } });
  });
});

describe('what opens without a network', () => {
  const all = [
    entry({}),
    entry({ key: 'q8', detail: 'q8', complete: false }),
    rows(10),
    rows(3),
    rows(5, { complete: false }),
  ];
  const of = (patch: Partial<OpenRequest>, named?: Partial<HubSource>) => storedRequest(all, request(patch, named));

  it('is a model with its dictionary’s layer, both whole', () => {
    expect(of({ sites: [10] })).toMatchObject({ sites: [10], format: 'q4' });
    expect(of({ sites: [10], format: 'q4' }, { revision: commit })).toMatchObject({ sites: [10] });
    // A commit is the same in either case: what the engine finds kept, the page must not ask to download.
    expect(of({ sites: [10] }, { revision: commit.toUpperCase() })).toMatchObject({ sites: [10] });
    expect(of({})).toMatchObject({ sites: [3] });
    expect(of({ dictionary: undefined })).toEqual({ model: { kind: 'hub', repo: 'a/b' }, format: 'q4' });
  });

  it('is nothing of which a part, the format, the revision or the mirror is another', () => {
    expect([
      of({ sites: [5] }),
      of({ sites: [11] }),
      of({ format: 'q8' }),
      of({}, { revision: 'v2' }),
      of({}, { endpoint: 'https://m.example' }),
      of({}, { repo: 'a/x' }),
    ]).toEqual(Array(6).fill(null));
    expect(storedRequest(all, atAddress('https://a.example/b/'))).toBeNull();
  });

  it('is a model with the dictionaries of its own folder, where the layer that is asked for is kept, or none of them was begun', () => {
    const mine = (layer: number, patch: Partial<KeptEntry> = {}) => rows(layer, { origin: hub('a/b'), ...patch });
    const own = (entries: KeptEntry[], ...layer: number[]) =>
      storedRequest(
        [entry({}), ...entries],
        request({ dictionary: undefined, sites: layer.length ? layer : undefined }),
      );
    expect(own([mine(2), mine(3)], 3)).toEqual({ model: { kind: 'hub', repo: 'a/b' }, sites: [3], format: 'q4' });
    expect(own([mine(2), mine(3)])).toMatchObject({ sites: [2] });
    // A link to a layer that is not here has to ask, like every other download.
    expect([own([mine(2), mine(3)], 0), own([], 0), own([mine(2, { complete: false })])]).toEqual([null, null, null]);
    expect(own([])!.sites).toBeUndefined();
  });

  it('is a folder that was picked, by its name; one that is at hand is read anew', () => {
    const kept = [entry({ origin: { kind: 'picked', name: 'mine' } })];
    const picked = (...files: File[]): OpenRequest => ({
      model: { kind: 'picked', folder: { name: 'mine', files: files.map((file) => ({ path: file.name, file })) } },
      sites: [3],
    });
    const found = storedRequest(kept, picked())!;
    expect(found).toEqual({ model: { kind: 'kept', key: 'model', name: 'mine' }, sites: [3], format: 'q4' });
    expect(storedRequest(kept, found)).toBe(found);
    expect(storedRequest([], found)).toBeNull();
    expect(storedRequest(kept, picked(new File([], 'config.json')))).toBeNull();
  });
});

test('what was fetched from an address opens by its key once it is whole; until then the rest comes from there', () => {
  const origin = { kind: 'url' as const, url: 'https://x.example/mine/' };
  expect(requestOfEntry(entry({ origin }))).toEqual({
    model: { kind: 'kept', key: 'model', name: 'mine' },
    format: 'q4',
  });
  expect(requestOfEntry(entry({ origin, complete: false }))).toEqual({ model: origin, format: 'q4' });
});

test('dictionaries are in the repository that is named, else in the model’s own; a folder’s have no name', () => {
  const { model, dictionary } = request({}, { endpoint: 'https://m.example', revision: 'v1' });
  expect(dictionaryPlaceOf({ model, dictionary })).toBe(dictionary);
  expect(dictionaryPlaceOf({ model })).toBe(model);
  expect(dictionaryPlaceOf(atAddress('https://x.example/'))).toBeNull();
});

test('a kept model needs no other site for a dictionary beside the page, and no network for a kept layer', () => {
  const beside = { kind: 'url', url: 'https://page.example/models/m/' } as const;
  const asked: OpenRequest = { ...request({ sites: [10] }), dictionary: beside };
  expect(storedRequest([entry({})], asked)).toMatchObject({ dictionary: beside, sites: [10], format: 'q4' });
  expect(storedRequest([rows(10)], asked)).toBeNull();
  expect(isLayerKept([entry({})], asked)).toBe(false);
  const kept = [entry({}), rows(10, { origin: beside })];
  expect([10, 19].map((layer) => isLayerKept(kept, { ...asked, sites: [layer] }))).toEqual([true, false]);
  expect(storedRequest(kept, { ...asked, sites: undefined })).toMatchObject({ sites: [10] });
});

test('a kept model is asked for as it was, and its dictionary’s layers are known', () => {
  expect(requestOfEntry(entry({}))).toEqual({ model: { kind: 'hub', repo: 'a/b' }, format: 'q4' });
  const origin = { ...hub('a/b'), asked: 'v1', endpoint: 'https://m.example' };
  expect(requestOfEntry(entry({ origin })).model).toEqual({
    kind: 'hub',
    repo: 'a/b',
    revision: 'v1',
    endpoint: 'https://m.example',
  });
  const all = [rows(10), rows(3), rows(5, { complete: false }), rows(7, { detail: 'layer' })];
  expect(storedLayers(all, { kind: 'hub', repo: 'a/c' })).toEqual([3, 10]);
  expect(storedLayers(all, null)).toEqual([]);
});

test('what is kept of a download need not be fetched again, and takes no disk again', () => {
  const all = [entry({ complete: false, read: 1200, bytes: 500 }), rows(3, { complete: false, read: 100, bytes: 300 })];
  expect([
    hereOf(all, request({ sites: [3], format: 'q4' })),
    hereOf(all, request({ sites: [4], format: 'q4' })),
    hereOf(all, request({ sites: [4], format: 'q8' })),
  ]).toEqual([
    { read: 1300, beside: 0, disk: 800 },
    { read: 1200, beside: 0, disk: 500 },
    { read: 0, beside: 0, disk: 0 },
  ]);
  const beside = { kind: 'url', url: 'https://page.example/models/m/' } as const;
  const asked = { ...request({ sites: [10] }), dictionary: beside };
  expect(hereOf([rows(10, { origin: beside, read: 70 })], asked)).toMatchObject({ read: 70, beside: 70 });
});
