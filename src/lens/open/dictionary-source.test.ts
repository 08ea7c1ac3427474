import { afterEach, expect, test, vi } from 'vitest';
import { AccessDeniedError, CorruptFileError, MissingFileError } from '../api/errors';
import type { Manifest } from '../store/manifest';
import type { Store } from '../store/store';
import { memorySource } from '../testing/memory-source';
import { EARLIER } from '../testing/toy-store';
import { DictionarySource } from './dictionary-source';

const opening = vi.hoisted(() => vi.fn());
vi.mock('../sources/open-source', () => ({ openSource: opening }));
afterEach(() => opening.mockReset());

const FROM = { kind: 'hub', repo: 'a/b' } as const;
const MODEL = { d: 8, layers: 4 };
const UNREACHABLE = new MissingFileError('offline');

function keptAs(layer: number, path: string): Manifest {
  const known: Partial<Manifest> = { key: path, complete: true, meta: { layer, d: 8, width: 24, k: 5, ...EARLIER } };
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

test('of several kept dictionaries of a layer, the one in the folder asked for', async () => {
  const kept = [keptAs(1, 'wide/sae_weights.safetensors'), keptAs(1, 'narrow/sae_weights.safetensors')];
  const store = { allStored: async () => kept, whole: async () => true } as Partial<Store> as Store;
  const of = (folders?: string[]) => new DictionarySource(store, FROM, { ...MODEL, folders });
  expect(await of(['narrow']).kept(1)).toBe(kept[1]);
  expect(await of(['wide/']).layers()).toEqual([1]);
  expect(await of(['other']).layers()).toEqual([]);
  expect(await of().kept(1)).toBe(kept[0]);
});
