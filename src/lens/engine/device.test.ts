import { expect, test } from 'vitest';
import { isSoftware } from '../api/adapter';
import { wantedFeatures } from './device';

const adapter = (subgroupMinSize: number, ...features: string[]) =>
  ({ features: new Set(features), info: { subgroupMinSize } }) as unknown as Pick<GPUAdapter, 'features' | 'info'>;

test('subgroups are asked for only where they are at least 8 wide', () => {
  const all = ['shader-f16', 'subgroups', 'subgroup-size-control'];
  expect(wantedFeatures(adapter(4, ...all), true)).toEqual(['shader-f16']);
  expect(wantedFeatures(adapter(8, ...all), true)).toEqual(['shader-f16', 'subgroups', 'subgroup-size-control']);
  expect(wantedFeatures(adapter(32, ...all), false)).not.toContain('subgroups');
  expect(wantedFeatures(adapter(32, 'subgroups'), true)).toEqual(['subgroups']);
});

test('software adapters are told by name or flag', () => {
  const info = (fields: Partial<GPUAdapterInfo>) =>
    ({ vendor: '', architecture: '', device: '', description: '', ...fields }) as GPUAdapterInfo;
  expect(isSoftware(info({ architecture: 'swiftshader' }))).toBe(true);
  expect(isSoftware(info({ isFallbackAdapter: true }))).toBe(true);
  expect(isSoftware(info({ vendor: 'nvidia', architecture: 'lovelace' }))).toBe(false);
});
