import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DisposedError, SiteUnavailableError, StoreBusyError } from '../api/errors';
import type { Lens } from '../api/lens';
import type { PickedFolder } from '../api/model';
import type { OpenOptions, Progress } from '../api/open';
import type { SiteCodes } from '../api/site';
import { wasmHeap } from '../engine/wasm-heap';
import { openConfig } from '../folders/config';
import { wasmMemory } from '../sizes';
import { smallUrlSource } from '../sources/url';
import { Parts } from '../store/parts';
import { Store } from '../store/store';
import { openLens } from './open';

// lenslet-mini, opened like a large model: fetched, converted on the (software) GPU, kept in the browser's file system
// and run from there. Its weights are real.

const MINI = '/models/lenslet-mini/';
const TEXT = 'The old man looked at the river and said nothing.';
let plain: SiteCodes;
let inMemory: unknown;
let store: Store;

beforeAll(async () => {
  store = await Store.open();
  for (const { key } of await store.list()) await store.remove(key);
  const lens = await openLens(MINI, { provider: 'wasm', sites: [2] });
  plain = (await lens.trace(TEXT)).site(2);
  inMemory = await described(lens);
  await lens.close();
});
afterEach(() => vi.restoreAllMocks());

function jaccard(a: SiteCodes, b: SiteCodes): number {
  let [both, all] = [0, 0];
  for (let at = a.k; at < a.ids.length; at += a.k) {
    const [x, y] = [a, b].map(({ ids, k }) => new Set([...ids.subarray(at, at + k)].filter((id) => id !== 0xffffffff)));
    for (const id of x!) if (y!.has(id)) both++;
    all += new Set([...x!, ...y!]).size;
  }
  return both / all;
}

/** What is known of the dictionary and its features beside the weights. */
async function described(lens: Lens): Promise<unknown> {
  const { center, normMedian, maximum, density, features } = lens.info.sites[0]!;
  const { label, histogram, snippets } = { ...(await lens.feature(2, 1933)), snippets: await lens.snippets(2, 1933) };
  const texts = (await lens.labels(2))?.labels.length;
  return { center, normMedian, maximum, density, features, label, histogram, snippets, texts };
}

async function codesOf(lens: Lens, layer = 2): Promise<SiteCodes> {
  const trace = await lens.trace(TEXT);
  const codes = trace.site(layer);
  trace.dispose();
  return codes;
}

/** Changes a byte of a part on the disk. */
async function alter(sha256: string): Promise<void> {
  const parts = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('lenslet')).getDirectoryHandle(
    'parts',
  );
  const file = await parts.getFileHandle(sha256);
  const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
  bytes[100]! ^= 1;
  const out = await file.createWritable();
  await out.write(bytes);
  await out.close();
}

/** No request from here on. */
function offline(): void {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('offline'));
}

describe('a model that is kept', () => {
  test('q8: fetched once, opened without a network, another layer on the same weights', async () => {
    const seen: Progress[] = [];
    const options: OpenOptions = { provider: 'webgpu', format: 'q8', sites: [2] };
    const first = await openLens(MINI, { ...options, onProgress: (p) => seen.push(p) });
    expect(first.info).toMatchObject({
      format: 'q8',
      dtype: 'float32',
      provider: 'webgpu',
      origin: { kind: 'url' },
      openable: [0, 2, 3],
    });
    expect(first.info.sha256).toMatch(/^[0-9a-f]{64}$/);
    const download = seen.filter(({ stage }) => stage === 'download');
    expect(download.at(-1)!.loaded).toBe(download.at(-1)!.total);
    expect(download.every(({ loaded }, i) => i === 0 || loaded >= download[i - 1]!.loaded)).toBe(true);
    expect(new Set(download.map(({ total }) => total)).size, 'the whole is known from the beginning').toBe(1);
    const codes = await codesOf(first);
    expect(jaccard(codes, plain)).toBeGreaterThan(0.9);
    const facts = await described(first);
    expect(facts).toEqual(inMemory);
    const { fvu } = first.info.sites[0]!;
    expect(fvu).toMatchObject({ stated: 0.10693, far: false });
    expect(Math.abs(fvu!.probe! - 0.137), 'as in float32, but for rounding').toBeLessThan(0.005);
    const trace = await first.trace(TEXT);
    const weights = first.info.memory.weights;

    const other = await first.openSites([3]);
    expect(other.info.sites.map(({ layer }) => layer)).toEqual([3]);
    expect(other.info.memory.weights).toBe(weights);
    expect((await codesOf(other, 3)).norm.every((norm) => norm > 0)).toBe(true);
    await expect(trace.residual(2, 1)).rejects.toThrow(DisposedError);
    await expect(first.trace(TEXT)).rejects.toThrow(DisposedError);
    await other.close();

    const entry = (await store.list()).find(({ kind }) => kind === 'model')!;
    offline();
    const again = await openLens({ kept: entry.key }, { provider: 'webgpu', sites: [2] });
    expect((await codesOf(again)).ids).toEqual(codes.ids);
    expect(await described(again), 'statistics and feature data are kept with the dictionary').toEqual(facts);
    expect(again.info.sites[0]!.fvu).toEqual(fvu);
    // Layer 0 was never fetched; the lens goes on as it was.
    await expect(again.openSites([0])).rejects.toThrow();
    expect((await codesOf(again)).ids).toEqual(codes.ids);
    await again.close();
    // The address works too, if the format says which entry is meant.
    const named = await openLens(MINI, options);
    expect((await codesOf(named)).ids).toEqual(codes.ids);
    await named.close();
  });

  test('a dictionary in int8 and one in f16 read nearly the same', async () => {
    const lens = await openLens(MINI, { provider: 'webgpu', format: 'q8', sites: [2], dictionaryFormat: 'int8' });
    expect(jaccard(await codesOf(lens), plain)).toBeGreaterThan(0.85);
    await lens.close();
  });

  test('altered parts of model and dictionary are noticed at opening, and they alone are fetched again', async () => {
    const { sound } = await store.manifests.all();
    const model = sound.find(({ kind }) => kind === 'model')!;
    const dictionary = sound.find(({ meta }) => meta?.layer === 2)!;
    await alter(model.tensors['model.layers.1.mlp.gate_proj.weight']!.parts[0]!.sha256);
    await alter(dictionary.tensors.encoder!.parts[0]!.sha256);
    const features = 'sae/blocks.2.hook_resid_post/features.safetensors';
    await alter(dictionary.whole[features]!.sha256);
    const fetching = vi.spyOn(globalThis, 'fetch');
    const lens = await openLens(MINI, { provider: 'webgpu', format: 'q8', sites: [2] });
    expect(jaccard(await codesOf(lens), plain)).toBeGreaterThan(0.9);
    expect(await described(lens)).toEqual(inMemory);
    await lens.close();
    const ranges = fetching.mock.calls.flatMap(([url, init]) => {
      const range = new Headers(init?.headers ?? (url instanceof Request ? url.headers : undefined)).get('range');
      return String(url instanceof Request ? url.url : url).endsWith('model.safetensors') && range ? [range] : [];
    });
    const sizes = ranges
      .map((range) => /(\d+)-(\d+)/.exec(range)!)
      .map(([, from, to]) => Number(to) - Number(from) + 1);
    expect(Math.max(...sizes)).toBeLessThan(2 ** 21);
  });

  test('what a kept dictionary lacks is counted from the beginning, beside one that is fetched', async () => {
    const { sound } = await store.manifests.all();
    const [kept, other] = [2, 3].map((layer) => sound.find(({ meta }) => meta?.layer === layer)!);
    const features = kept!.whole['sae/blocks.2.hook_resid_post/features.safetensors']!;
    await store.remove(other!.key);
    await store.parts.remove(features.sha256);
    await store.whole(kept!);
    const seen: Progress[] = [];
    const lens = await openLens(MINI, {
      ...({ provider: 'webgpu', format: 'q8', sites: [2, 3] } as const),
      onProgress: (p) => p.stage === 'download' && seen.push(p),
    });
    await lens.close();
    expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([other!.total + features.bytes]));
    expect(seen.at(-1)!.loaded).toBe(seen.at(-1)!.total);
    expect(seen[0]!.loaded).toBeLessThan(other!.total / 2);
    expect(seen.every(({ loaded }, i) => i === 0 || loaded >= seen[i - 1]!.loaded)).toBe(true);
  });

  test('a folder that was picked is opened in place, and from the store by its key', async () => {
    const names = [
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors',
    ];
    const index: string[] = await (await fetch(`${MINI}sae/index.json`)).json();
    const paths = [
      ...names,
      'sae/index.json',
      ...index.flatMap((name) => [`sae/${name}/cfg.json`, `sae/${name}/sae_weights.safetensors`]),
    ];
    const picked: PickedFolder = { name: 'mini', files: [] };
    for (const path of paths) {
      const answer = await fetch(MINI + path);
      if (!answer.headers.get('content-type')?.startsWith('text/html'))
        picked.files.push({ path: `mini/${path}`, file: new File([await answer.blob()], path) });
    }
    offline();
    const lens = await openLens({ picked }, { provider: 'webgpu', format: 'q4', sites: [2] });
    expect(jaccard(await codesOf(lens), plain)).toBeGreaterThan(0.5);
    await lens.close();
    const entry = (await store.list()).find(({ kind, origin }) => kind === 'model' && origin.kind === 'picked')!;
    const kept = await openLens({ kept: entry.key }, { provider: 'webgpu' });
    expect(kept.info).toMatchObject({ format: 'q4', origin: { kind: 'picked', name: 'mini' } });
    expect(kept.info.sites.map(({ layer }) => layer)).toEqual([2]);
    await kept.close();
    const small = await openLens({ picked }, { provider: 'wasm', sites: [2] });
    expect(small.info).toMatchObject({ format: 'f32', provider: 'wasm' });
    expect((await codesOf(small)).ids).toEqual(plain.ids);
    await small.close();
  });

  test('what one provider keeps opens on the other, which reads the same', async () => {
    const options: OpenOptions = { format: 'f16', sites: [2] };
    // A software adapter is passed over for WebAssembly, which converts and keeps the model itself.
    const first = await openLens(MINI, options);
    expect(first.info).toMatchObject({ format: 'f16', dtype: 'float32', provider: 'wasm' });
    expect(first.info.notices.join(' ')).toContain('WebGPU is emulated in software here');
    // Its weights are f16.
    const codes = await codesOf(first);
    expect(codes.ids).toEqual(plain.ids);
    const other = await first.openSites([3]);
    expect((await codesOf(other, 3)).norm.every((norm) => norm > 0)).toBe(true);
    await other.close();
    offline(); // what WebGPU kept above
    const q8 = await openLens(MINI, { provider: 'wasm', format: 'q8', sites: [2] });
    expect(q8.info).toMatchObject({ format: 'q8', provider: 'wasm' });
    expect(jaccard(await codesOf(q8), plain)).toBeGreaterThan(0.9);
    await q8.close();
    // A GPU, by its name, that does not compute with half floats.
    const real = vi
      .spyOn(GPUAdapter.prototype, 'info', 'get')
      .mockReturnValue({ vendor: 'a', architecture: 'b' } as GPUAdapterInfo);
    const has = vi.spyOn(GPUSupportedFeatures.prototype, 'has').mockImplementation(() => false);
    const without = await openLens(MINI, options);
    expect(without.info).toMatchObject({ format: 'f16', provider: 'wasm', adapter: expect.stringContaining('b') });
    expect(without.info.notices.join(' ')).toContain('kept as f16');
    await without.close();
    real.mockRestore();
    has.mockRestore();
    const again = await openLens(MINI, { ...options, provider: 'webgpu' }).catch((error: Error) => error);
    // SwiftShader may have no shader-f16.
    if (again instanceof Error) expect(again.message).toMatch(/shader-f16/);
    else {
      expect(jaccard(await codesOf(again), plain)).toBeGreaterThan(0.98);
      await again.close();
    }
  });

  test('nothing is removed while a verbalizer reads the weights a second time', async () => {
    const lens = await openLens(MINI, { provider: 'wasm', format: 'q8', sites: [2] });
    const trace = await lens.trace(TEXT);
    const { read } = Parts.prototype;
    const removed: Promise<unknown>[] = [];
    vi.spyOn(Parts.prototype, 'read').mockImplementation(function (this: Parts, ref) {
      removed.push(store.remove('no such entry').catch((error: unknown) => error));
      return read.call(this, ref);
    });
    for await (const _ of lens.verbalize(trace, { source: 'selfie', position: 3, maxTokens: 1 })) break;
    const answers = await Promise.all(removed);
    expect(answers.length, 'it is cut at another layer than the lens').toBeGreaterThan(10);
    expect(answers.every((answer) => answer instanceof StoreBusyError)).toBe(true);
    await lens.close();
  });

  test('on WebAssembly a dictionary needs room too, whether it is kept or fetched, and what has none is not fetched', async () => {
    const config = await openConfig(smallUrlSource(MINI));
    const needs = (...sites: number[]) =>
      wasmMemory(config, { sites, dictionaries: sites.map(() => ({ d: config.d, width: 2048 })) }).whole;
    Object.defineProperty(navigator, 'deviceMemory', { value: 4, configurable: true });
    const seen: Progress[] = [];
    const options: OpenOptions = { provider: 'wasm', format: 'f16', sites: [2], onProgress: (p) => seen.push(p) };
    let leave = () => {};
    const roomFor = (bytes: number) => {
      leave();
      leave = wasmHeap.take({ inside: 2 ** 32 - wasmHeap.inside - bytes, largest: 0 });
    };
    try {
      for (const sites of [[2], [2, 3]]) {
        roomFor(needs(...sites) - 1);
        await expect(openLens(MINI, { ...options, sites })).rejects.toThrow(
          /^This model needs 4\.29 GB .* has about 4\.29/,
        );
      }
      // What is not kept counts by its plan.
      for (const { key, kind } of await store.list()) if (kind === 'dictionary') await store.remove(key);
      roomFor(needs(2));
      const lens = await openLens(MINI, options);
      seen.length = 0;
      // Beside the second copy of the model lie the dictionaries of the first, until it is closed.
      const { dictionaries } = lens.info.memory;
      leave();
      roomFor(needs(3) + dictionaries - 1);
      await expect(lens.openSites([3])).rejects.toThrow(
        /^This model, cut at other layers beside the open ones, needs 4\.29/,
      );
      expect(seen.filter(({ stage }) => stage === 'download')).toEqual([]);
      await lens.close();
    } finally {
      leave();
      Reflect.deleteProperty(navigator, 'deviceMemory');
    }
  });

  test('what cannot be had is refused by name', async () => {
    await expect(openLens(MINI, { provider: 'webgpu', format: 'q8', sites: [1] })).rejects.toThrow(
      SiteUnavailableError,
    );
  });
});
