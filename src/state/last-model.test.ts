import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetModel, lastModel, rememberModel } from './last-model';
import { atAddress, type ModelRequest, noChoice } from './model-url';

const page = 'https://lens.example/';
const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

const hub: ModelRequest = { ...noChoice, kind: 'hub', repo: 'a/b', revision: null, endpoint: null, dictionary: 'a/c', layer: 4, format: 'q4' };

test('a model of the Hub comes back as it was, without its token', () => {
  rememberModel({ ...hub, token: 'secret' }, page);
  expect([...kept.values()].join()).not.toContain('secret');
  expect(lastModel(page)).toEqual(hub);
  // Whatever is opened by its address does not take its place.
  rememberModel(atAddress('https://lens.example/models/x/'), page);
  expect(lastModel(page)).toEqual(hub);
  forgetModel();
  expect(lastModel(page)).toBeNull();
});

test('a picked folder comes back by its name, to be found in the store', () => {
  rememberModel({ ...noChoice, kind: 'picked', folder: { name: 'mine', files: [{ path: 'config.json', file: new File([], 'config.json') }] } }, page);
  expect(lastModel(page)).toMatchObject({ kind: 'picked', folder: { name: 'mine', files: [] } });
});

test.each(['', '7', '[]', '{"query":7}', '{"query":"?hub=../x"}', '{"picked":{}}', 'x'])('%j is no model', (text) => {
  kept.set('lenslet-last', text);
  expect(lastModel(page)).toBeNull();
});

test('closed storage is no failure', () => {
  vi.stubGlobal('localStorage', undefined);
  rememberModel(hub, page);
  forgetModel();
  expect(lastModel(page)).toBeNull();
});
