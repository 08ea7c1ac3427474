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
