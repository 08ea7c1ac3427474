import { expect, test } from 'vitest';
import { foreignHost, identityOf } from '../../lens/api/identity';
import { atAddress, fromQuery, modelUrl, ownModel, providerOf, requestName, toQuery } from './model-url';

const page = 'https://lens.example/app/index.html?model=x#p=1';

test('the default lies beside the page, and folders get their slash', () => {
  expect(modelUrl(null, page)).toBe('https://lens.example/app/models/lenslet-mini/');
  expect(modelUrl('other', page)).toBe('https://lens.example/app/other/');
  expect(modelUrl('  ', page)).toBe('https://lens.example/app/models/lenslet-mini/');
});

test('another origin is foreign, however it is written', () => {
  const host = (address: string) => foreignHost(atAddress(modelUrl(address, page)), page);
  expect(host('https://elsewhere.example/m/')).toBe('elsewhere.example');
  expect(modelUrl('//elsewhere.example/m', page)).toBe('https://elsewhere.example/m/');
  expect(host('//elsewhere.example/m')).toBe('elsewhere.example');
  expect(host('https://lens.example@evil.example/m')).toBe('evil.example');
  expect(host('http://lens.example/app/m')).toBe('lens.example');
  expect(host('other')).toBeNull();
});

test('schemes that are no web address are refused by name', () => {
  for (const bad of [
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/',
    'blob:https://lens.example/1',
    'https://',
  ]) {
    expect(() => modelUrl(bad, page)).toThrow(expect.objectContaining({ name: 'InvalidOptionError' }));
  }
});

test('unknown providers mean auto', () => {
  expect([providerOf('wasm'), providerOf('webgpu'), providerOf('cuda'), providerOf(null)]).toEqual([
    'wasm',
    'webgpu',
    'auto',
    'auto',
  ]);
});

const asked = (query: string) => fromQuery(new URLSearchParams(query), page);

test('a link may hold the address of a page of the Hub in place of a name', () => {
  const page = encodeURIComponent(' https://huggingface.co/Qwen/Qwen3-0.6B/tree/v1/ ');
  const model = { kind: 'hub', repo: 'Qwen/Qwen3-0.6B', revision: 'v1' };
  expect(asked(`?hub=${page}`)!.model).toEqual(model);
  expect(asked(`?model=${page}&dictionary=${page}`)).toMatchObject({ model, dictionary: model });
  expect(asked(`?hub=${page}&revision=v2`)!.model).toEqual({ ...model, revision: 'v2' });
});

test('a link names the folders of its dictionaries, and their k', () => {
  const query =
    '?hub=google/gemma-2-2b&dictionary=google/gemma-scope-2b-pt-res&layer=12&k=50&folder=layer_12/width_16k/average_l0_82&folder=.';
  const request = asked(query)!;
  expect(request).toMatchObject({ k: 50, sites: [12], folders: ['layer_12/width_16k/average_l0_82', ''] });
  expect(toQuery(request, page)).toBe(query);
  // Of the model beside the page, too.
  const own = toQuery({ ...ownModel(page), folders: ['saes/a b'] }, page)!;
  expect(own).toBe('?model=models/lenslet-mini/&folder=saes/a%20b');
  expect(asked(own)).toMatchObject({ model: ownModel(page).model, folders: ['saes/a b'] });
  expect(toQuery({ ...ownModel(page), folders: ['../a'] }, page)).toBeNull();
  // One dictionary's features are not another's.
  expect(identityOf({ ...request, folders: ['a'] })).not.toBe(identityOf({ ...request, folders: ['b'] }));
});

test('a folder or a k that is none is refused by name', () => {
  const many = Array.from({ length: 9 }, (_, i) => `folder=f${i}`).join('&');
  for (const bad of [
    'folder=../x',
    'folder=/x',
    'folder=a//b',
    'folder=',
    'folder=a%5Cb',
    'folder=a%00',
    `folder=${'a'.repeat(301)}`,
    many,
  ])
    expect(() => asked(`?hub=A/b&${bad}`), bad).toThrow(/^This link asks for folder/);
  for (const bad of ['k=0', 'k=-1', 'k=1e3', 'k=9999999'])
    expect(() => asked(`?hub=A/b&${bad}`), bad).toThrow(/^This link asks for k/);
});

test('a dictionary beside the page is named from there, and never leads out of the page’s own folder', () => {
  const request = asked('?hub=A/b&dictionary=./models/c')!;
  expect(request.dictionary).toEqual({ kind: 'url', url: new URL('models/c/', page).href });
  expect(request.folders).toBeUndefined();
  expect(toQuery(request, page)).toBe('?hub=A/b&dictionary=./models/c/');
  for (const bad of ['./../c', './%2e%2e/c', '../c', '/c', 'http://x.example/c'])
    expect(() => asked(`?hub=A/b&dictionary=${encodeURIComponent(bad)}`), bad).toThrow(
      /^This link asks for dictionary/,
    );
  const beside = { kind: 'url', url: 'https://x.example/c/' } as const;
  expect(toQuery({ ...request, dictionary: beside }, page)).toBeNull();
});

test('a link names the folders of a pair, each at its revision, and the host that they come from', () => {
  const query = '?hub=Qwen/Qwen3-0.6B&verbalizer=Me/av@v2,Me/ar';
  const request = asked(query)!;
  expect(request.verbalizer).toMatchObject([
    { kind: 'hub', repo: 'Me/av', revision: 'v2' },
    { kind: 'hub', repo: 'Me/ar' },
  ]);
  expect(toQuery(request, page)).toBe(query);
  expect(identityOf(request)).toBe('hub:Qwen/Qwen3-0.6B & Me/av@v2 & Me/ar');
  const own = { ...ownModel(page), verbalizer: request.verbalizer };
  expect(foreignHost(own, page)).toBe('huggingface.co');
  expect(toQuery({ ...request, verbalizer: [{ kind: 'picked', folder: { name: 'x', files: [] } }] }, page)).toBeNull();
  expect(() => asked('?hub=a/b&verbalizer=x')).toThrow('verbalizer');
});

test('an address of the Hub is read whole, and written as it was', () => {
  const query =
    '?hub=Qwen/Qwen3-1.7B-Base&revision=v1&endpoint=http://127.0.0.1:8080&dictionary=Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50&dictionary-revision=v2&layer=10&format=q4&dictionary-format=int8';
  const request = asked(query)!;
  const endpoint = 'http://127.0.0.1:8080';
  expect(request).toEqual({
    model: { kind: 'hub', repo: 'Qwen/Qwen3-1.7B-Base', revision: 'v1', endpoint },
    dictionary: { kind: 'hub', repo: 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50', revision: 'v2', endpoint },
    sites: [10],
    format: 'q4',
    dictionaryFormat: 'int8',
  });
  expect(toQuery(request, page)).toBe(query);
  expect(toQuery(ownModel(page), page, 'wasm')).toBe('?provider=wasm');
});

test('the Hub’s own address is no mirror, the usual needs no word, and a page without a model asks for none', () => {
  expect(asked('hub=a/b&endpoint=https://huggingface.co/&format=auto&dictionary-format=f16')).toEqual({
    model: { kind: 'hub', repo: 'a/b' },
  });
  expect(asked('provider=wasm&layer=3')).toBeNull();
  const beside = { kind: 'url', url: 'https://lens.example/app/other/' };
  expect(asked('model=other')).toEqual({ model: beside });
  // A folder has no Hub, and its dictionary is on the Hub itself.
  expect(asked('model=other&dictionary=a/c&endpoint=https://m.example')).toEqual({
    model: beside,
    dictionary: { kind: 'hub', repo: 'a/c' },
  });
});

test.each([
  'hub=../etc',
  'hub=https://evil.example/a',
  'hub=a/b&dictionary=a/b/c',
  'hub=a/b&layer=-1',
  'hub=a/b&layer=1e3',
  'hub=a/b&format=q2',
  'hub=a/b&dictionary-format=q4',
  'hub=a/b&revision=../main',
  'hub=a/b&revision=a%20b',
  'hub=a/b&endpoint=javascript:alert(1)',
  'hub=a/b&endpoint=https://token@evil.example',
  'hub=a/b&endpoint=nothing',
])('%s is refused by name', (query) => {
  expect(() => asked(query)).toThrow(expect.objectContaining({ name: 'InvalidOptionError' }));
});

test('a token is in no text', () => {
  const model = { kind: 'hub', repo: 'a/b', token: 'hf_secret' } as const;
  expect(identityOf({ model }) + toQuery({ model, dictionary: model }, page)).not.toContain('secret');
});

test('no address names a picked folder, what is kept under a key, or a dictionary of another Hub than the model’s', () => {
  const folder = { name: 'mine', files: [] };
  const picked = { kind: 'picked', folder } as const;
  const hub = { kind: 'hub', repo: 'a/b' } as const;
  expect(toQuery({ model: picked }, page)).toBeNull();
  expect(toQuery({ model: { kind: 'kept', key: 'k' } }, page)).toBeNull();
  expect(toQuery({ model: hub, dictionary: picked }, page)).toBeNull();
  expect(toQuery({ model: hub, dictionary: { ...hub, endpoint: 'https://m.example' } }, page)).toBeNull();
});

test('a model is shown by its name alone', () => {
  const names = ['hub=a/b', 'model=other/mini'].map((query) => requestName(asked(query)!));
  expect(names).toEqual(['b', 'mini']);
  expect(requestName({ model: { kind: 'picked', folder: { name: 'mine', files: [] } } })).toBe('mine');
  expect(requestName({ model: { kind: 'kept', key: 'model picked mine', name: 'mine' } })).toBe('mine');
});
