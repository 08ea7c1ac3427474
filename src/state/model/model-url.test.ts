import { expect, test } from 'vitest';
import {
  atAddress,
  foreignHost,
  identityOf,
  type ModelRequest,
  modelUrl,
  noChoice,
  openArguments,
  providerOf,
  queryOf,
  requestOf,
} from './model-url';

const page = 'https://lens.example/app/index.html?model=x#p=1';

test('the default lies beside the page, and folders get their slash', () => {
  expect(modelUrl(null, page)).toEqual({ url: 'https://lens.example/app/models/lenslet-mini/', foreign: false });
  expect(modelUrl('other', page)).toEqual({ url: 'https://lens.example/app/other/', foreign: false });
  expect(modelUrl('  ', page).url).toBe('https://lens.example/app/models/lenslet-mini/');
});

test('another origin is foreign, however it is written', () => {
  expect(modelUrl('https://elsewhere.example/m/', page).foreign).toBe(true);
  expect(modelUrl('//elsewhere.example/m', page)).toEqual({ url: 'https://elsewhere.example/m/', foreign: true });
  expect(modelUrl('https://lens.example@evil.example/m', page).foreign).toBe(true);
  expect(modelUrl('http://lens.example/app/m', page).foreign).toBe(true);
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

const asked = (query: string) => requestOf(new URLSearchParams(query), page);

test('an address of the Hub is read whole, and written as it was', () => {
  const query =
    '?hub=Qwen/Qwen3-1.7B-Base&revision=v1&endpoint=http://127.0.0.1:8080&dictionary=Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50&layer=10&format=q4';
  const request = asked(query)!;
  expect(request).toEqual({
    kind: 'hub',
    repo: 'Qwen/Qwen3-1.7B-Base',
    revision: 'v1',
    endpoint: 'http://127.0.0.1:8080',
    dictionary: 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50',
    dictionaryRevision: null,
    layer: 10,
    format: 'q4',
    dictionaryFormat: 'f16',
  });
  expect(queryOf(request, page)).toBe(query);
  expect(queryOf(atAddress(modelUrl(null, page).url), page, 'wasm')).toBe('?provider=wasm');
  expect(openArguments(request)).toEqual({
    model: 'Qwen/Qwen3-1.7B-Base',
    options: {
      dictionary: request.dictionary,
      sites: [10],
      format: 'q4',
      hub: { revision: 'v1', endpoint: 'http://127.0.0.1:8080' },
    },
  });
});

test('the Hub’s own address is no mirror, and a page without a model asks for none', () => {
  expect(asked('hub=a/b&endpoint=https://huggingface.co/')).toMatchObject({
    endpoint: null,
    layer: null,
    format: 'auto',
  });
  expect(asked('provider=wasm&layer=3')).toBeNull();
  expect(asked('model=other')).toMatchObject({
    kind: 'address',
    url: 'https://lens.example/app/other/',
    dictionary: null,
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

test('a token goes to openLens, and into no text', () => {
  const request: ModelRequest = {
    ...noChoice,
    kind: 'hub',
    repo: 'a/b',
    revision: null,
    endpoint: null,
    token: 'hf_secret',
  };
  expect(openArguments(request).options.hub).toEqual({ token: 'hf_secret' });
  expect(identityOf(request) + queryOf(request, page)).not.toContain('secret');
});

test('another revision, mirror or dictionary is another model; a format or a layer is not', () => {
  const names = ['hub=a/b', 'hub=a/b&revision=v1', 'hub=a/b&endpoint=https://m.example', 'hub=a/b&dictionary=a/c'].map(
    (query) => identityOf(asked(query)!),
  );
  expect(names[0]).toBe('hub:a/b');
  expect(new Set(names).size).toBe(4);
  expect(identityOf(asked('hub=a/b&format=q8&layer=3')!)).toBe('hub:a/b');
});

test('a picked folder is in no address and asks no host; a dictionary of the Hub beside it does', () => {
  const folder = { name: 'mine', files: [] };
  const request: ModelRequest = { ...noChoice, kind: 'picked', folder };
  expect([queryOf(request, page), foreignHost(request, page), identityOf(request)]).toEqual([
    null,
    null,
    'picked:mine 0 0',
  ]);
  // Two folders of one name are two models.
  const other = { name: 'mine', files: [{ path: 'config.json', file: new File(['{}'], 'config.json') }] };
  expect(identityOf({ ...request, folder: other })).not.toBe(identityOf(request));
  expect(openArguments(request).model).toEqual({ picked: folder });
  expect(foreignHost({ ...request, dictionary: 'a/b' }, page)).toBe('huggingface.co');
});

test('a host is named where it is another than this page’s', () => {
  expect(foreignHost(asked('hub=a/b')!, page)).toBe('huggingface.co');
  expect(foreignHost(asked('hub=a/b&endpoint=https://lens.example/hub')!, page)).toBeNull();
  expect(foreignHost(asked('model=other')!, page)).toBeNull();
  expect(foreignHost(asked('model=https://elsewhere.example/m/')!, page)).toBe('elsewhere.example');
});
