import { describe, expect, test } from 'vitest';
import { isHubName } from './hub-address';
import { foreignHost, identityOf, matches, requestOf } from './identity';
import type { Origin, PickedFolder } from './model';
import type { ModelRef } from './request';

const commit = 'c'.repeat(40);
const hub: Origin = {
  kind: 'hub',
  endpoint: 'https://huggingface.co',
  repo: 'a/b',
  revision: commit,
  asked: 'main',
};
const full: PickedFolder = { name: 'mine', files: [{ path: 'config.json', file: new File(['{}'], 'config.json') }] };

test.each([
  ['Qwen/Qwen3-1.7B-Base', true],
  ['models/lenslet-mini/', false],
  ['./models/lenslet-mini', false],
  ['/models/mini', false],
  ['https://a.example/mini', false],
  ['a/b/c', false],
  ['a/..', false],
  ['', false],
])('%j is a name of the Hub: %s', (text, hub) => {
  expect(isHubName(text)).toBe(hub);
});

describe('what the package’s openLens takes', () => {
  const options = { revision: 'v1', endpoint: 'https://mirror.example', token: 'hf_a' };

  test('the address of a page of the Hub is its repository, at the revision that it names', () => {
    const at = (text: string, revision?: string) => {
      const { model, dictionary } = requestOf(text, { dictionary: text, hub: { revision } });
      return [model, dictionary];
    };
    const repo = { kind: 'hub', repo: 'Owner/name' };
    expect(at(' https://huggingface.co/Owner/name/tree/main ')).toEqual([repo, repo]);
    expect(at('hf.co/Owner/name/blob/v2/config.json')).toEqual([
      { ...repo, revision: 'v2' },
      { ...repo, revision: 'v2' },
    ]);
    expect(at('hf://Owner/name@v2', 'v3')).toEqual([
      { ...repo, revision: 'v3' },
      { ...repo, revision: 'v2' },
    ]);
    expect(at('https://elsewhere.example/Owner/name')[0]).toMatchObject({ kind: 'url' });
  });

  test('a dictionary’s page names the folder to look in, unless folders are named', () => {
    const dictionary = 'https://huggingface.co/a/saes/tree/main/layer_3/width_2k';
    expect(requestOf('a/b', { dictionary })).toMatchObject({
      dictionary: { repo: 'a/saes' },
      folders: ['layer_3/width_2k'],
    });
    expect(requestOf('a/b', { dictionary, folders: ['x'] }).folders).toEqual(['x']);
    expect(requestOf('a/b', { dictionary: 'a/saes' }).folders).toBeUndefined();
    // An address that is no page of the Hub has its folder in itself.
    const elsewhere = 'https://codeberg.example/owner/saes/raw/b/layer_12/';
    expect(requestOf('a/b', { dictionary: elsewhere })).toMatchObject({ dictionary: { url: elsewhere } });
    expect(requestOf('a/b', { dictionary: elsewhere }).folders).toBeUndefined();
    expect(() => requestOf('https://huggingface.co/a/b/tree/main/sub', {})).toThrow(/folder sub/);
  });

  test('a verbalizer is one folder or two, on the model’s Hub; nothing that is kept', () => {
    const { verbalizer } = requestOf('a/b', { verbalizer: ['Me/av', 'hf.co/Me/ar'], hub: options });
    const { revision: _, ...access } = options;
    expect(verbalizer).toMatchObject([
      { kind: 'hub', repo: 'Me/av', ...access },
      { kind: 'hub', repo: 'Me/ar', ...access },
    ]);
    expect(verbalizer!.every((half) => half.kind === 'hub' && half.revision === undefined)).toBe(true);
    expect(requestOf('a/b', { verbalizer: { picked: full } }).verbalizer).toEqual([{ kind: 'picked', folder: full }]);
    expect(() => requestOf('a/b', { verbalizer: { kept: 'x' } })).toThrow('is not kept');
  });

  test('a name of the Hub is a repository, any other text an address, a source stays what it is', () => {
    const model = (source: Parameters<typeof requestOf>[0]) => requestOf(source, { hub: options }).model;
    expect(model('Owner/name')).toEqual({ kind: 'hub', repo: 'Owner/name', ...options });
    expect(model('./models/a/')).toEqual({ kind: 'url', url: './models/a/' });
    expect(model({ url: 'a/b' })).toEqual({ kind: 'url', url: 'a/b' });
    expect(model({ picked: full })).toEqual({ kind: 'picked', folder: full });
    expect(model({ hub: { repo: 'Owner/name' } })).toEqual({ kind: 'hub', repo: 'Owner/name' });
    // Its parts may have to be fetched again; from which commit is the entry's to say.
    const { revision: _, ...access } = options;
    expect(model({ kept: 'a' })).toEqual({ kind: 'kept', key: 'a', ...access });
  });

  test('a dictionary has its own revision or none, and never the model’s', () => {
    const revision = (hub: object) => {
      const { dictionary } = requestOf('m/', { dictionary: 'Owner/sae', hub });
      return dictionary?.kind === 'hub' ? dictionary.revision : 'no repository';
    };
    expect(revision({ revision: 'v1' })).toBeUndefined();
    expect(revision({ revision: 'v1', dictionaryRevision: 'v2' })).toBe('v2');
    expect(requestOf('m/', {}).dictionary).toBeUndefined();
  });

  test('all else comes along, and `auto` is no format', () => {
    const asked = { sites: [2], dictionaryFormat: 'int8', provider: 'wasm', k: 5 } as const;
    expect(requestOf('m/', { ...asked, sites: [2], format: 'q4' })).toMatchObject({ ...asked, format: 'q4' });
    expect(requestOf('m/', { format: 'auto' }).format).toBeUndefined();
  });
});

describe('an entry of the store', () => {
  const asked = (ref: Partial<ModelRef & { kind: 'hub' }>) =>
    matches({ key: 'k', origin: hub }, { kind: 'hub', repo: 'a/b', ...ref });

  test('of a repository is found by what it was asked for as, and by its commit in either case', () => {
    expect([asked({}), asked({ revision: 'main' }), asked({ revision: commit })]).toEqual([true, true, true]);
    expect(asked({ revision: commit.toUpperCase() })).toBe(true);
    expect(asked({ endpoint: 'https://huggingface.co/' })).toBe(true);
    expect([
      asked({ repo: 'a/x' }),
      asked({ revision: 'MAIN' }),
      asked({ revision: 'v2' }),
      asked({ endpoint: 'https://m.example' }),
    ]).toEqual([false, false, false, false]);
  });

  test('of an address is found however that is written; of a picked folder by its name, where it is not at hand', () => {
    const url = { key: 'k', origin: { kind: 'url', url: 'https://x.example/m/' } } as const;
    const picked = { key: 'k', origin: { kind: 'picked', name: 'mine' } } as const;
    expect(matches(url, { kind: 'url', url: 'https://x.example:443/m' })).toBe(true);
    expect(matches(url, { kind: 'url', url: 'https://x.example/n' })).toBe(false);
    expect(matches(picked, { kind: 'picked', folder: { name: 'mine', files: [] } })).toBe(true);
    expect(matches(picked, { kind: 'picked', folder: full })).toBe(false);
    expect(matches(url, { kind: 'picked', folder: { name: 'mine', files: [] } })).toBe(false);
  });

  test('is found by its key wherever it came from', () => {
    expect(matches({ key: 'k', origin: hub }, { kind: 'kept', key: 'k' })).toBe(true);
    expect(matches({ key: 'k', origin: hub }, { kind: 'kept', key: 'l' })).toBe(false);
  });
});

describe('an identity', () => {
  const model = { kind: 'hub', repo: 'a/b' } as const;

  test('is another for another revision, mirror or dictionary, and the same for another format, layer or token', () => {
    expect(identityOf({ model })).toBe('hub:a/b');
    expect(identityOf({ model: { ...model, token: 'secret' }, format: 'q8', sites: [3] })).toBe('hub:a/b');
    const endpoint = 'https://m.example';
    const dictionary = { kind: 'hub', repo: 'a/c', revision: 'v2' } as const;
    expect(identityOf({ model: { ...model, revision: 'v1' }, dictionary })).toBe('hub:a/b@v1 + a/c@v2');
    expect(identityOf({ model: { ...model, endpoint }, dictionary: { ...dictionary, endpoint } })).toBe(
      'hub:https://m.example a/b + a/c@v2',
    );
    expect(identityOf({ model, dictionary: { ...dictionary, endpoint } })).toBe(
      'hub:a/b + hub:https://m.example a/c@v2',
    );
    expect(identityOf({ model: { kind: 'url', url: 'https://x.example/' }, dictionary })).toBe(
      'https://x.example/ + a/c@v2',
    );
  });

  test('is the same for the same folders, in any order and spelling', () => {
    const of = (...folders: string[]) => identityOf({ model, folders });
    expect(of('a')).toBe('hub:a/b in a');
    expect([of('a/'), of('./a'), of('a', './a')]).toEqual([of('a'), of('a'), of('a')]);
    expect(of('b', 'a')).toBe(of('a', 'b'));
    expect([of(''), of('.'), of('./')]).toEqual(Array(3).fill('hub:a/b in .'));
  });

  test('of two folders of one name is two', () => {
    expect(identityOf({ model: { kind: 'picked', folder: { name: 'mine', files: [] } } })).toBe('picked:mine 0 0');
    expect(identityOf({ model, dictionary: { kind: 'picked', folder: full } })).toBe('hub:a/b + picked:mine 1 2');
    expect(identityOf({ model: { kind: 'kept', key: 'k', name: 'mine' } })).toBe('kept:k');
  });
});

test('a host is named where it is another than the page’s, be it the model’s or the dictionary’s', () => {
  const page = 'https://lens.example/app/';
  const host = (model: ModelRef, dictionary?: ModelRef) => foreignHost({ model, dictionary }, page);
  const sae = { kind: 'hub', repo: 'a/c' } as const;
  const picked = { kind: 'picked', folder: full } as const;
  expect(host({ kind: 'hub', repo: 'a/b' })).toBe('huggingface.co');
  expect(host({ kind: 'hub', repo: 'a/b', endpoint: 'https://lens.example/hub' })).toBeNull();
  expect(host({ kind: 'url', url: 'https://lens.example/other/' })).toBeNull();
  expect(host({ kind: 'url', url: 'https://elsewhere.example/m/' })).toBe('elsewhere.example');
  expect([host(picked), host({ kind: 'kept', key: 'k' })]).toEqual([null, null]);
  expect(host(picked, sae)).toBe('huggingface.co');
});
