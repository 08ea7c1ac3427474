import { expect, test } from 'vitest';
import { defaultSampling, setSampling } from './sampling';

test('the defaults are those on the page', () => {
  expect(defaultSampling).toEqual({ temperature: 0.7, topP: 0.95, seed: 16, maxTokens: 48 });
});

test('options stay in range, whole where they must be, and no number changes nothing', () => {
  expect(setSampling(defaultSampling, { temperature: -1, topP: 2, seed: 1.6, maxTokens: 1e9 })).toEqual({
    temperature: 0,
    topP: 1,
    seed: 2,
    maxTokens: 1024,
  });
  expect(setSampling(defaultSampling, { temperature: Number.NaN, seed: undefined })).toEqual(defaultSampling);
});

test('stop sequences: those that can be, each once; without them, and with a penalty of 1, their keys are missing', () => {
  const set = setSampling(defaultSampling, { stop: ['\n', '', 'a'.repeat(201), '\n', 'end'], repetitionPenalty: 1.2 });
  expect(set).toEqual({ ...defaultSampling, stop: ['\n', 'end'], repetitionPenalty: 1.2 });
  expect(setSampling(set, { temperature: 0 })).toEqual({ ...set, temperature: 0 });
  expect(setSampling(set, { repetitionPenalty: 9 }).repetitionPenalty).toBe(2);
  expect(Object.keys(setSampling(set, { stop: [], repetitionPenalty: 1 }))).toEqual(Object.keys(defaultSampling));
  expect(setSampling(defaultSampling, { stop: Array.from({ length: 20 }, (_, i) => `${i}`) }).stop).toHaveLength(16);
});
