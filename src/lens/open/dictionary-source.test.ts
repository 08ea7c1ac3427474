import { afterEach, expect, test, vi } from 'vitest';
import {
  AbortedError,
  AccessDeniedError,
  AmbiguousDictionaryError,
  CorruptFileError,
  MissingFileError,
} from '../api/errors';
import { UNSTATED } from '../api/site';
import { NO_FOLD } from '../folders/dictionary-plan';
import type { Converter } from '../kernels/converter';
import type { Source } from '../sources/source';
import type { Completion } from '../store/install';
import { keyOf, type Manifest } from '../store/manifest';
import type { Store } from '../store/store';
import { json, pack, SAE } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { EARLIER } from '../testing/toy-store';
import { DictionarySource } from './dictionary-source';

const opening = vi.hoisted(() => vi.fn());
vi.mock('../sources/open-source', () => ({ openSource: opening }));
afterEach(() => opening.mockReset());

const FROM = { kind: 'hub', repo: 'a/b' } as const;
const MODEL = { d: 8, layers: 4 };
const UNREACHABLE = new MissingFileError('offline');

function keptAs(layer: number, path: string, meta: Partial<Manifest['meta']> = {}, detail = `layer${layer}`): Manifest {
  const known: Partial<Manifest> = {
    ...{ key: path, complete: true, detail },
    meta: { layer, d: 8, width: 24, k: 5, ...EARLIER, ...meta },
  };
  return { ...known, files: [{ path, size: 1, sha256: null }] } as Manifest;
}

/** A store with whole dictionaries of these layers, all of k 5. */
function storeOf(...layers: number[]): Store {
  const kept = layers.map((layer) => keptAs(layer, `layer${layer}.sae.pt`));
  const store: Pick<Store, 'allStored' | 'whole'> = {
    allStored: async () => kept,
    whole: async ({ complete }) => complete,
  };
  return store as Store;
}

test('what is kept is chosen without asking anybody; else the middle one of all', async () => {
  expect(await new DictionarySource(storeOf(0, 1, 3), FROM, MODEL).chosen(undefined)).toEqual([1]);
  expect(await new DictionarySource(storeOf(), FROM, MODEL).chosen([3, 1, 3])).toEqual([1, 3]);
  expect(opening).not.toHaveBeenCalled();
  opening.mockResolvedValue(memorySource({ 'layer0.sae.pt': new Uint8Array(), 'layer2.sae.pt': new Uint8Array() }));
  expect(await new DictionarySource(storeOf(), FROM, MODEL).chosen(undefined)).toEqual([2]);
});

test.each([UNREACHABLE, new AccessDeniedError('401')])(
  'a kept model without dictionaries opens where its source cannot be asked: %s',
  async (error) => {
    opening.mockRejectedValue(error);
    expect(await new DictionarySource(storeOf(), FROM, MODEL, { source: null }).chosen(undefined)).toEqual([]);
  },
);

test('a dictionary that was asked for by name is missed, and so is what is broken', async () => {
  opening.mockRejectedValue(UNREACHABLE);
  await expect(new DictionarySource(storeOf(), FROM, MODEL).chosen(undefined)).rejects.toBe(UNREACHABLE);
  opening.mockRejectedValue(new CorruptFileError('broken'));
  await expect(new DictionarySource(storeOf(), FROM, MODEL, { source: null }).chosen(undefined)).rejects.toThrow(
    CorruptFileError,
  );
});

test('what is kept with another k or another width is not what is asked for', async () => {
  const kept = (model: { d: number; layers: number; k?: number }) =>
    new DictionarySource(storeOf(1), FROM, model).kept(1);
  expect(await kept(MODEL)).toMatchObject({ key: 'layer1.sae.pt' });
  expect(await kept({ ...MODEL, k: 5 })).toMatchObject({ key: 'layer1.sae.pt' });
  expect(await kept({ ...MODEL, k: 7 })).toBeNull();
  expect(await kept({ ...MODEL, d: 16 })).toBeNull();
});

const TODAY = { activation: { kind: 'topk' as const, k: 5 }, fold: NO_FOLD, about: UNSTATED, notices: [] };
const chosen = (folder: string, k = 5) =>
  keptAs(1, `${folder}/sae_weights.safetensors`, { ...TODAY, k }, `layer1 in ${folder}`);
const storeWith = (kept: Manifest[]) => {
  const manifests = {
    get: async (key: string) => kept.find((one) => one.key === key) ?? null,
    update: async (key: string, change: (one: Manifest) => Manifest | null) => {
      const at = kept.findIndex((one) => one.key === key);
      kept[at] = change(kept[at]!)!;
    },
  };
  return { allStored: async () => kept, whole: async () => true, manifests } as object as Store;
};
/** A SAELens folder of layer 1 with tensors of these names beside the four. */
const saelens = (folder: string, ...more: string[]) => {
  const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  const four = { W_enc: zeros(8, 24), b_enc: zeros(24), W_dec: zeros(24, 8), b_dec: zeros(8) };
  const beside = Object.fromEntries(more.map((name) => [name, zeros(24)]));
  const config = { ...SAE, d_in: 8, d_sae: 24, k: 5, hook_name: 'blocks.1.hook_resid_post' };
  const { hook_layer: _, metadata: __, ...stated } = config as Record<string, unknown>;
  return {
    [`${folder}/cfg.json`]: json(stated),
    [`${folder}/sae_weights.safetensors`]: pack({ ...four, ...beside }),
  };
};

test('of several kept dictionaries of a layer, the one in the folder asked for, and the one of the k asked for', async () => {
  const kept = [chosen('wide', 7), chosen('narrow')];
  const of = (folders?: string[], k?: number) =>
    new DictionarySource(storeWith(kept), FROM, { ...MODEL, folders, ...(k !== undefined && { k }) });
  expect(await of(['narrow']).kept(1)).toBe(kept[1]);
  expect(await of(['wide/']).layers()).toEqual([1]);
  expect(await of(['other']).layers()).toEqual([]);
  expect(opening).not.toHaveBeenCalled();
  opening.mockRejectedValue(UNREACHABLE);
  expect(await of(undefined, 5).kept(1)).toBe(kept[1]);
});

test('without a folder a source with several is as ambiguous as before one of them was kept', async () => {
  for (const kept of [[chosen('a')], [chosen('b'), chosen('a')]]) {
    opening.mockResolvedValue(memorySource({ ...saelens('a'), ...saelens('b') }));
    const source = new DictionarySource(storeWith(kept), FROM, MODEL);
    expect(await source.kept(1)).toBeNull();
    await expect(source.plan(1)).rejects.toThrow(AmbiguousDictionaryError);
  }
  opening.mockResolvedValue(memorySource(saelens('a')));
  const only = new DictionarySource(storeWith([chosen('b'), chosen('a')]), FROM, MODEL);
  expect(await only.kept(1)).toMatchObject({ key: 'a/sae_weights.safetensors' });
});

test('where the source cannot be asked the only kept one opens, and says so; of two none is guessed', async () => {
  opening.mockRejectedValue(UNREACHABLE);
  const source = new DictionarySource(storeWith([chosen('a')]), FROM, MODEL);
  expect(await source.kept(1)).toMatchObject({ key: 'a/sae_weights.safetensors' });
  expect(source.notices()).toEqual([expect.stringContaining('layer 1 is the kept one in a:')]);
  const two = new DictionarySource(storeWith([chosen('a'), chosen('b')]), FROM, MODEL);
  await expect(two.kept(1)).rejects.toThrow('2 dictionaries of layer 1, in a, b, and');
});

test('what an earlier version kept of SAELens is looked at again: it read past a threshold', async () => {
  const kept = [keptAs(1, 'a/sae_weights.safetensors')];
  const of = () => new DictionarySource(storeWith(kept), FROM, MODEL);
  opening.mockResolvedValue(memorySource(saelens('a', 'threshold')));
  expect(await of().kept(1)).toBeNull();
  await expect(of().plan(1)).rejects.toThrow('threshold');
  opening.mockResolvedValue(memorySource(saelens('a')));
  expect(await of().kept(1)).toMatchObject({ meta: { activation: { kind: 'topk', k: 5 } } });
  expect(kept[0]!.meta!.about).toMatchObject({ library: 'SAELens', folder: 'a' });
  // It was noted: nobody is asked again.
  opening.mockReset();
  expect(await of().kept(1)).toBe(kept[0]);
  expect(opening).not.toHaveBeenCalled();
});

test('what a kept dictionary lacks is asked for where that costs an opening without a network nothing', async () => {
  const earlier = keptAs(1, 'a/sae_weights.safetensors', TODAY);
  const origin = { kind: 'url', url: 'https://elsewhere.example/' } as const;
  const at = (manifest: object) => ({ whole: {}, origin, ...manifest }) as Manifest;
  const of = () => new DictionarySource(storeOf(), FROM, MODEL);
  const beside = ['a/features.safetensors'];
  const lacking = at({ ...earlier, meta: { ...earlier.meta, beside } });
  expect(of().lacks(at({ ...earlier, meta: { ...earlier.meta, beside: [] } })), 'there is nothing').toBe(false);
  expect(of().lacks(at({ ...lacking, whole: { [beside[0]!]: {} } })), 'all of it is kept').toBe(false);
  expect(of().lacks(lacking)).toBe(true);
  expect(of().lacks(at(earlier)), 'who kept it did not look, and nobody may be asked').toBe(false);
  expect(of().lacks(at(keptAs(1, 'layer1.sae.pt', TODAY))), 'a folder of several layers').toBe(false);
  vi.stubGlobal('location', new URL('https://elsewhere.example/lenslet/'));
  expect(of().lacks(at(earlier)), 'it lies beside the page').toBe(true);
  vi.stubGlobal('navigator', { onLine: false });
  expect(of().lacks(lacking)).toBe(false);
  vi.unstubAllGlobals();
  opening.mockResolvedValue(memorySource(saelens('a')));
  const asked = of();
  await asked.plan(1);
  expect(asked.lacks(at(earlier)), 'its source is open').toBe(true);
});

const lackingIn = (folder: string, origin: object, beside = [`${folder}/features.safetensors`]) =>
  ({ ...chosen(folder), whole: {}, origin, meta: { ...chosen(folder).meta!, beside } }) as Manifest;

test('a dictionary that cannot be completed is used as it is', async () => {
  opening.mockRejectedValue(UNREACHABLE);
  const kept = lackingIn('a', { kind: 'url', url: 'https://elsewhere.example/' });
  const source = new DictionarySource(storeWith([kept]), FROM, MODEL);
  expect(await source.lacking(kept)).toBeNull();
  opening.mockRejectedValue(new AbortedError('Stopped.'));
  await expect(source.lacking(kept)).rejects.toThrow(AbortedError);
  const busy = { ...storeWith([kept]), installing: () => Promise.reject(new MissingFileError('offline')) } as object;
  opening.mockResolvedValue(memorySource(saelens('a'), { origin: kept.origin }));
  const found = { name: { key: 'a', mark: null }, wanted: {}, bytes: 1 } as Completion;
  await new DictionarySource(busy as Store, FROM, MODEL).complete(found, { converter: {} as Converter });
});

test('a kept dictionary is completed from the commit that it was fetched at, whichever is the newest now', async () => {
  const [then, now] = ['a', 'b'].map((digit) => ({
    ...{ kind: 'hub' as const, endpoint: 'https://huggingface.co', repo: 'a/b' },
    ...{ revision: digit.repeat(40), asked: digit.repeat(40) },
  }));
  // Of two folders it is the one where the kept one lies.
  const files = { ...saelens('a'), ...saelens('b'), 'a/features.safetensors': new Uint8Array(9) };
  opening.mockImplementation(async (ref: { revision?: string }) =>
    memorySource(ref.revision ? files : {}, { origin: ref.revision === then!.revision ? then : now }),
  );
  const kept = lackingIn('a', { ...then, asked: 'main' });
  kept.key = keyOf({ kind: 'dictionary', origin: then!, mark: null, detail: kept.detail });
  const source = new DictionarySource(storeWith([kept]), FROM, MODEL);
  expect(await source.lacking(kept)).toMatchObject({ name: { key: kept.key }, bytes: 9 });
  expect(opening.mock.calls.map(([{ revision }]) => revision)).toEqual([then!.revision]);
});

test('where an address has another dictionary now, it is not asked for what the kept one lacks again', async () => {
  const origin = { kind: 'url', url: 'https://elsewhere.example/' } as const;
  const kept = [lackingIn('a', origin)];
  opening.mockResolvedValue(memorySource(saelens('a'), { origin }));
  const of = () => new DictionarySource(storeWith(kept), { kind: 'url', url: origin.url }, MODEL);
  expect(await of().lacking(kept[0]!)).toBeNull();
  expect(kept[0]!.meta).toMatchObject({ beside: [], notices: [expect.stringContaining('a/features.safetensors')] });
  opening.mockReset();
  expect(await of().lacking(kept[0]!)).toBeNull();
  expect(opening).not.toHaveBeenCalled();
});

test('a source is asked once what lies beside a dictionary', async () => {
  const source = memorySource({ ...saelens('a'), 'a/feature_stats.json': json({}) });
  const asked: string[] = [];
  const stat: Source['stat'] = (path, how) => {
    asked.push(path);
    return source.stat(path, how);
  };
  opening.mockResolvedValue({ ...source, stat });
  const store = { ...storeWith([]), installing: async () => ({ key: 'a' }) } as object as Store;
  const dictionaries = new DictionarySource(store, FROM, MODEL);
  const plan = await dictionaries.plan(1);
  expect(await dictionaries.bytesOf(plan)).toBe(plan.file.size + json({}).length);
  await dictionaries.install(plan, { converter: {} as Converter });
  const beside = asked.filter((path) => /feature|sparsity/.test(path));
  expect(beside.sort()).toEqual(['a/feature_stats.json', 'a/features.safetensors', 'a/sparsity.safetensors']);
});
