import { expect, test } from 'vitest';
import { modelUrl, providerOf } from './model-url';

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
  for (const bad of ['javascript:alert(1)', 'data:text/plain,x', 'file:///etc/', 'blob:https://lens.example/1', 'https://']) {
    expect(() => modelUrl(bad, page)).toThrow(expect.objectContaining({ name: 'InvalidOptionError' }));
  }
});

test('unknown providers mean auto', () => {
  expect([providerOf('wasm'), providerOf('webgpu'), providerOf('cuda'), providerOf(null)]).toEqual(['wasm', 'webgpu', 'auto', 'auto']);
});
