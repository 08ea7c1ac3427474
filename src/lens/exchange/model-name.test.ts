import { expect, test } from 'vitest';
import { folderName, modelAddress, modelName } from './model-name';

test.each([
  ['https://lens.example/models/lenslet-mini/', 'lenslet-mini', 'lenslet-mini'],
  ['https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/', 'Qwen/Qwen3-0.6B', 'Qwen3-0.6B'],
  ['https://huggingface.co/other/Qwen3-0.6B/resolve/main?download=true', 'other/Qwen3-0.6B', 'Qwen3-0.6B'],
  ['https://huggingface.co/owner/many/resolve/v2/small/', 'owner/many/small', 'small'],
  ['C:\\models\\mini\\', 'mini', 'mini'],
  ['models/mini', 'mini', 'mini'],
  ['', 'model', 'model'],
])('%s is called %s, in short %s', (folder, name, short) => {
  expect(modelName(folder)).toBe(name);
  expect(folderName(folder)).toBe(short);
});

test('an address is the same with and without its last slash, and another for another folder of the same name', () => {
  expect(modelAddress('https://a.example/mini/?x#y')).toBe('https://a.example/mini');
  expect(modelAddress('https://a.example/mini')).toBe(modelAddress('https://a.example/mini/'));
  expect(modelAddress('https://b.example/mini/')).not.toBe(modelAddress('https://a.example/mini/'));
});
