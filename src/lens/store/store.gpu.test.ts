import { expect, test } from 'vitest';
import { DamagedStoreError, LensError, StoreBusyError } from '../api/errors';
import { createHostConverter } from '../kernels/convert-host';
import { contentsOf, toyDictionary, toyModel, toySource, toyStore } from '../testing/toy-store';
import { installDictionary, installModel } from './install';
import { type Manifest, partsOf } from './manifest';
import { lensStore, Store } from './store';
import { storedTensors } from './stored';

const converter = createHostConverter();
const how = (store: Store) => ({ store, converter, pieceBytes: 1024 });
const bytes = (...values: number[]) => Uint8Array.of(...values);

test('a part is named by its content, written once and read as it was written', async () => {
  const { parts } = await toyStore();
  const ref = await parts.write(bytes(1, 2, 3));
  // sha256sum of the three bytes.
  expect(ref).toEqual({ sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81', bytes: 3 });
  expect(await parts.write(bytes(1, 2, 3))).toEqual(ref);
  expect(await parts.names()).toEqual([ref.sha256]);
  expect(await parts.read(ref)).toEqual(bytes(1, 2, 3));
  expect(await parts.remove(ref.sha256)).toBe(3);
  expect(await parts.has(ref)).toBe(false);
  await expect(parts.read(ref)).rejects.toThrow(DamagedStoreError);
});

test('a part of the wrong length counts as absent, and is written again', async () => {
  const { parts } = await toyStore();
  const ref = await parts.write(bytes(1, 2, 3));
  const { folder } = parts as unknown as { folder: FileSystemDirectoryHandle };
  const writable = await (await folder.getFileHandle(ref.sha256)).createWritable();
  await writable.write(bytes(1, 2));
  await writable.close();
  expect(await parts.has(ref)).toBe(false);
  await parts.write(bytes(1, 2, 3));
  expect(await parts.read(ref)).toEqual(bytes(1, 2, 3));
});

test('three tabs at one model: workers and a page end with one store, and whoever came later waited', async () => {
  const name = `test-tabs-${Date.now()}`;
  const workers = await Promise.all([worker(), worker()]);
  const store = await Store.open({ name, storage: { estimate: async () => ({ usage: 0, quota: 1e9 }) } });
  let waited = 0;
  const runs = await Promise.all([
    ...workers.map((start) => start({ name, seed: 1 })),
    installModel(await toySource(toyModel(1)), 'q4', { ...how(store), onWait: () => waited++ }).then(() => ({
      waited: waited > 0,
    })),
  ]);
  expect(runs.filter((run) => run.waited).length).toBe(2);
  const reference = await toyStore();
  await installModel(await toySource(toyModel(1)), 'q4', how(reference));
  expect(await contentsOf(store)).toEqual(await contentsOf(reference));
  expect(await store.verify((await store.list())[0]!.key)).toBe(0);
});

test('a tab that is closed in the middle leaves what it wrote, and holds nobody up', async () => {
  const reference = await toyStore();
  await installModel(await toySource(toyModel()), 'q4', how(reference));
  for (const closing of [6_000, 12_000, 20_000]) {
    const name = `test-closed-${closing}-${Date.now()}`;
    const start = await worker(closing);
    await expect(start({ name, seed: 1 })).rejects.toThrow('closed');
    const store = await Store.open({ name, storage: { estimate: async () => ({ usage: 0, quota: 1e9 }) } });
    const [left] = await store.list();
    expect(left!.complete).toBe(false);
    expect(left!.read).toBeGreaterThan(closing - 6_000);
    await installModel(await toySource(toyModel()), 'q4', how(store));
    await store.sweep();
    expect(await contentsOf(store)).toEqual(await contentsOf(reference));
  }
});

test('removing frees what nobody else names', async () => {
  const store = await toyStore();
  const q4 = await installModel(await toySource(toyModel()), 'q4', how(store));
  const q8 = await installModel(await toySource(toyModel()), 'q8', how(store));
  const own = new Set(partsOf(q8).map(({ sha256 }) => sha256));
  const freed = partsOf(q4).filter(({ sha256 }) => !own.has(sha256));
  // Norms, small files and the q8 embedding are in both.
  expect(freed.length).toBeLessThan(partsOf(q4).length);
  expect(await store.remove(q4.key)).toBe(freed.reduce((sum, part) => sum + part.bytes, 0));
  expect((await store.list()).map(({ key }) => key)).toEqual([q8.key]);
  expect(await store.verify(q8.key)).toBe(0);
  expect((await store.parts.names()).length).toBe(own.size);
  await store.remove(q8.key);
  expect(await store.parts.names()).toEqual([]);
  expect(await store.remove('nothing')).toBe(0);
});

test('nothing is removed while somebody reads or installs, and nothing verified that is being installed', async () => {
  const store = await toyStore();
  const { key } = await installModel(await toySource(toyModel()), 'q4', how(store));
  await store.reading(async () => {
    await expect(store.remove(key)).rejects.toThrow(StoreBusyError);
    expect(await store.sweep()).toBe(0);
    // Readers do not disturb one another.
    expect(await store.verify(key)).toBe(0);
  });
  await store.installing(key, {}, async () => {
    await expect(store.verify(key)).rejects.toThrow(StoreBusyError);
    await expect(store.remove(key)).rejects.toThrow(StoreBusyError);
  });
  await expect(store.verify('nothing')).rejects.toThrow(LensError);
});

test('what is kept is found without a network, by what was asked for or by its commit', async () => {
  const store = await toyStore();
  const source = await toySource(toyModel());
  const q8 = await installModel(source, 'q8', how(store));
  const q4 = await installModel(source, 'q4', how(store));
  const repo = 'Toy/toy';
  const key = async (...args: Parameters<Store['findStored']>) => (await store.findStored(...args))?.key ?? null;
  expect(await key('model', { kind: 'hub', repo }, 'q4')).toBe(q4.key);
  expect(
    await key('model', { kind: 'hub', repo, endpoint: 'https://huggingface.co/', revision: 'A'.repeat(40) }, 'q8'),
  ).toBe(q8.key);
  expect(await key('model', { kind: 'hub', repo, endpoint: 'https://mirror.example' }, 'q4')).toBeNull();
  expect(await key('model', { kind: 'hub', repo, revision: 'other' }, 'q4')).toBeNull();
  expect(await key('model', { kind: 'hub', repo }, 'f16')).toBeNull();
  expect(await key('dictionary', { kind: 'hub', repo })).toBeNull();
  expect(await key('model', { kind: 'kept', key: q8.key })).toBe(q8.key);

  // Prefers a complete entry to a newer one.
  await store.manifests.put({ ...q4, complete: false, created: q4.created + 1000 });
  expect(await key('model', { kind: 'hub', repo })).toBe(q8.key);
  expect(await store.findStored('model', { kind: 'hub', repo }, 'q4')).toMatchObject({ complete: false });

  const url = await installModel(
    await toySource(toyModel(), { kind: 'url', url: 'https://models.example/toy/' }),
    'q4',
    how(store),
  );
  expect(await key('model', { kind: 'url', url: 'https://models.example/toy' }, 'q4')).toBe(url.key);
});

test('a manifest that cannot be read counts as absent, is reported, and goes with the next sweep', async () => {
  const said: string[] = [];
  const store = await toyStore({ report: (sentence) => said.push(sentence) });
  const manifest = await installModel(await toySource(toyModel()), 'q4', how(store));
  const { plan, files } = toyDictionary();
  await installDictionary(await toySource(files), plan, how(store));
  await store.manifests.put({ ...manifest, tensors: { bad: 1 } } as never);
  expect((await store.list()).map(({ kind }) => kind)).toEqual(['dictionary']);
  expect(said.join()).toContain(manifest.key);
  const again = await installModel(await toySource(toyModel()), 'q4', how(store));
  expect(again.tensors).toEqual(manifest.tensors);
  await store.manifests.put({ ...manifest, version: 2 } as never);
  expect(await store.sweep()).toBe(sizeOf(manifest));
  expect((await store.manifests.all()).damaged).toEqual([]);
});

test('reading one part of a model that lost another says which entry is incomplete', async () => {
  const store = await toyStore();
  const q4 = await installModel(await toySource(toyModel()), 'q4', how(store));
  const q8 = await installModel(await toySource(toyModel()), 'q8', how(store));
  const shared = q4.tensors['model.norm.weight']!.parts[0]!;
  await store.parts.remove(shared.sha256);
  await expect(storedTensors(store, q4).get('model.norm.weight')!.pieces[0]!.read()).rejects.toThrow(DamagedStoreError);
  expect((await store.list()).map(({ complete }) => complete)).toEqual([false, false]);
  await installModel(await toySource(toyModel()), 'q8', how(store));
  expect(await store.findStored('model', { kind: 'kept', key: q8.key })).toMatchObject({ complete: true });
});

test('verify can be stopped and says how far it is', async () => {
  const store = await toyStore();
  const { key } = await installModel(await toySource(toyModel()), 'q4', how(store));
  const seen: number[] = [];
  await store.verify(key, { onProgress: ({ loaded, total }) => seen.push(loaded / total) });
  expect(seen.at(-1)).toBe(1);
  const controller = new AbortController();
  const stopped = store.verify(key, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortedError' });
});

test('lensStore: list, usage, verify and remove in a page', async () => {
  const name = `test-lens-store-${Date.now()}`;
  const store = await Store.open({ name });
  const manifest = await installModel(await toySource(toyModel()), 'q4', how(store));
  const { key } = manifest;
  const lens = lensStore(() => Store.open({ name }));
  expect(await lens.list()).toMatchObject([
    { key, kind: 'model', detail: 'q4', complete: true, read: 25074, total: 25074 },
  ]);
  expect((await lens.usage()).quota).toBeGreaterThan(0);
  expect(await lens.verify(key)).toBe(0);
  expect(await lens.remove(key)).toBe(sizeOf(manifest));
  expect(await lens.list()).toEqual([]);
});

const sizeOf = (manifest: Manifest) => partsOf(manifest).reduce((sum, part) => sum + part.bytes, 0);

interface Run {
  waited: boolean;
}

/** A worker that is ready to install. It ends after reading `closing` bytes, like a closed tab. */
function worker(closing = Number.POSITIVE_INFINITY): Promise<(task: { name: string; seed: number }) => Promise<Run>> {
  const own = new Worker(new URL('../testing/toy-store.worker.ts', import.meta.url), { type: 'module' });
  const start = (task: { name: string; seed: number }) =>
    new Promise<Run>((resolve, reject) => {
      own.onmessage = ({ data }: MessageEvent<Run | { error: string } | { loaded: number }>) => {
        if ('loaded' in data && data.loaded < closing) return;
        own.terminate();
        if ('loaded' in data) reject(new Error('closed'));
        else if ('error' in data) reject(new Error(data.error));
        else resolve(data);
      };
      own.postMessage(task);
    });
  return new Promise((ready, failed) => {
    own.onerror = (event) => failed(new Error(event.message));
    own.onmessage = () => ready(start);
  });
}
