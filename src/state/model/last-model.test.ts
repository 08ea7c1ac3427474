import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OpenRequest } from '../../lens/api/request';
import { forgetModel, lastModel, modelHere, rememberModel } from './last-model';
import { atAddress } from './model-url';

const page = 'https://lens.example/';
const kept = new Map<string, string>();
const ofTab = new Map<string, string>();
const storage = (map: Map<string, string>) => ({
  getItem: (key: string) => map.get(key) ?? null,
  setItem: (key: string, value: string) => map.set(key, value),
  removeItem: (key: string) => map.delete(key),
});
beforeEach(() => {
  kept.clear();
  ofTab.clear();
  vi.stubGlobal('localStorage', storage(kept));
  vi.stubGlobal('sessionStorage', storage(ofTab));
});
afterEach(() => vi.unstubAllGlobals());

const hub: OpenRequest = {
  model: { kind: 'hub', repo: 'a/b' },
  dictionary: { kind: 'hub', repo: 'a/c' },
  sites: [4],
  format: 'q4',
};

test('a model of the Hub comes back as it was, without its token', () => {
  rememberModel({ ...hub, model: { kind: 'hub', repo: 'a/b', token: 'secret' } }, page);
  expect([...kept.values()].join()).not.toContain('secret');
  expect(lastModel(page)).toEqual(hub);
  // Whatever is opened by its address does not take its place.
  rememberModel(atAddress('https://lens.example/models/x/'), page);
  expect(lastModel(page)).toEqual(hub);
  forgetModel();
  expect(lastModel(page)).toBeNull();
});

test('a picked folder comes back by its name, to be found in the store', () => {
  rememberModel(
    {
      model: {
        kind: 'picked',
        folder: { name: 'mine', files: [{ path: 'config.json', file: new File([], 'config.json') }] },
      },
    },
    page,
  );
  expect(lastModel(page)).toEqual({ model: { kind: 'picked', folder: { name: 'mine', files: [] } } });
});

test('a reload of this tab finds what its address cannot name, and never what another tab opened', () => {
  const mine: OpenRequest = { model: { kind: 'kept', key: 'model picked mine', name: 'mine' } };
  rememberModel(mine, page);
  expect([modelHere(page), lastModel(page)]).toEqual([mine, mine]);
  rememberModel(hub, page);
  expect([modelHere(page), lastModel(page)]).toEqual([null, hub]);
  rememberModel(mine, page);
  rememberModel(atAddress('https://lens.example/models/x/'), page);
  expect(modelHere(page)).toBeNull();
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
