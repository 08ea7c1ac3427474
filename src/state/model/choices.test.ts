import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AmbiguousDictionaryError, errorToData, MissingFileError, UnknownKError } from '../../lens/api/errors';
import type { OpenRequest } from '../../lens/api/request';
import { type DictionaryChoice, UNSTATED } from '../../lens/api/site';
import { isChoiceOf, knownK, noteChoices, rememberK, seenChoices, wantedBy, withDictionary } from './choices';
import { atAddress } from './model-url';

const memory = () => {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
};
beforeEach(() => {
  vi.stubGlobal('localStorage', memory());
  vi.stubGlobal('sessionStorage', memory());
});
afterEach(() => vi.unstubAllGlobals());

const choice = (folder: string): DictionaryChoice => ({
  layer: 12,
  about: { ...UNSTATED, folder },
  d: 2304,
  width: 16384,
  activation: 'threshold',
  k: null,
});
const request: OpenRequest = { ...atAddress('https://x.example/m/'), sites: [3], folders: ['old'] };

test('an error says which word of the reader’s it waits for, and others wait for none', () => {
  const choices = [choice('a'), choice('b')];
  expect(
    wantedBy(errorToData(new AmbiguousDictionaryError('Two.', { layer: 12, choices, left: ['Left out: c.'] }))),
  ).toEqual({
    kind: 'dictionary',
    says: null,
    layer: 12,
    choices,
    left: ['Left out: c.'],
  });
  expect(wantedBy(errorToData(new UnknownKError('Say k.', { k: null, width: 512 })))).toEqual({ kind: 'k', most: 512 });
  expect(wantedBy(errorToData(new MissingFileError('None.')))).toBeNull();
  // Of another version's error nothing is made up.
  expect(wantedBy({ name: 'AmbiguousDictionaryError', fields: {} })).toBeNull();
});

test('the chosen dictionary is asked for by its folder and its layer', () => {
  expect(withDictionary(request, choice('w/16k'))).toMatchObject({ sites: [12], folders: ['w/16k'] });
});

test('a request that names one of an earlier one’s dictionaries is known from one that asks for others', () => {
  const two = { ...request, folders: ['a', 'b'] };
  expect(isChoiceOf({ ...request, folders: undefined }, withDictionary(two, choice('c')))).toBe(true);
  expect(['b', 'b/deep', 'c', 'bb'].map((folder) => isChoiceOf(two, withDictionary(two, choice(folder))))).toEqual([
    ...[true, true, false, false],
  ]);
  expect(isChoiceOf(two, { ...atAddress('https://x.example/other/'), folders: ['b'] })).toBe(false);
});

test('a k that was given for one folder is not asked of another, unless it was given for that one before', () => {
  const open = { ...request, folders: ['A'], k: 50 };
  expect(withDictionary(open, choice('A')).k).toBe(50);
  expect(withDictionary(open, choice('B')).k).toBeUndefined();
  rememberK({ ...request, folders: ['B'], k: 32 });
  expect(withDictionary(open, choice('B')).k).toBe(32);
});

test('what there was to choose from is known as long as the source is the same', () => {
  expect(seenChoices(request)).toEqual([]);
  noteChoices(request, [choice('a'), choice('b')]);
  expect(seenChoices({ ...request, folders: ['b'] }).map(({ about }) => about.folder)).toEqual(['a', 'b']);
  expect(seenChoices({ ...request, dictionary: { kind: 'url', url: 'https://x.example/other/' } })).toEqual([]);
  sessionStorage.setItem('lenslet-choices', '{');
  expect(seenChoices(request)).toEqual([]);
});

test('a k that was given is known for these files and no others', () => {
  const picked = (size: number): OpenRequest => ({
    ...request,
    dictionary: {
      kind: 'picked',
      folder: { name: 'mine', files: [{ path: 'l.pt', file: new File(['x'.repeat(size)], 'l') }] },
    },
  });
  rememberK({ ...picked(3), k: 50 });
  rememberK({ ...picked(4), k: 7 });
  rememberK(picked(5));
  expect([picked(3), picked(4), picked(5)].map(knownK)).toEqual([50, 7, undefined]);
  // Anybody may have written into the storage.
  for (const bad of ['null', '{', '[1,["a"],["b","c"],["d",-1]]']) {
    localStorage.setItem('lenslet-k', bad);
    expect(knownK(picked(3)), bad).toBeUndefined();
  }
});
