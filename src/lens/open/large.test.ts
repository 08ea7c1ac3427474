import { afterEach, expect, test, vi } from 'vitest';
import type { Origin } from '../api/model';
import { parseModelConfig } from '../folders/config';
import { largestBinding } from '../sizes';
import type { Manifest } from '../store/manifest';
import { Store } from '../store/store';
import { json } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { HUB, toyModel } from '../testing/toy-store';
import { formatOn } from './interrupted';
import { openStored } from './large';

const mocked = vi.hoisted(() => ({ openSource: vi.fn(), installModel: vi.fn() }));
vi.mock('../sources/open-source', () => ({ openSource: mocked.openSource }));
vi.mock('../store/install', async (original) => ({ ...(await original<object>()), installModel: mocked.installModel }));
afterEach(() => vi.restoreAllMocks());

/** 116 million parameters. */
function largeConfig(): object {
  const config = JSON.parse(new TextDecoder().decode(toyModel()['config.json']));
  const sizes = { hidden_size: 512, num_hidden_layers: 16, num_attention_heads: 32, intermediate_size: 2048 };
  return { ...config, ...sizes, vocab_size: 100_000 };
}

/** The format in which a model is fetched that the store has in these. */
async function fetchedAs(kept: Partial<Manifest>[], format?: 'q8' | 'q4'): Promise<unknown> {
  const allStored = async (kind: string) => (kind === 'model' ? (kept as Manifest[]) : []);
  const store = Object.assign(Object.create(Store.prototype) as Store, { allStored, findStored: async () => null });
  vi.spyOn(Store, 'shared').mockResolvedValue(store);
  mocked.openSource.mockResolvedValue(memorySource({ 'config.json': json(largeConfig()) }, { origin: HUB }));
  mocked.installModel.mockReset().mockRejectedValue(new Error('fetched'));
  const asked = { model: { kind: 'hub', repo: 'Toy/toy' } as const, provider: 'wasm' as const, sites: [], format };
  await expect(openStored(asked, () => Promise.reject(new Error('not yet')))).rejects.toThrow('fetched');
  return mocked.installModel.mock.calls[0]![1];
}

const half = (detail: string, origin: Origin = HUB) => ({ detail, origin, complete: false });

test('an interrupted download continues in its format; another commit’s, or one beside it, decides nothing', async () => {
  expect(await fetchedAs([])).toBe('f16');
  expect(await fetchedAs([half('q8')])).toBe('q8');
  expect(await fetchedAs([half('q8')], 'q4')).toBe('q4');
  expect(await fetchedAs([half('q8', { ...HUB, revision: 'b'.repeat(40) } as Origin)])).toBe('f16');
  expect(await fetchedAs([{ ...half('q8'), complete: true }])).toBe('f16');
});

test('only in a format that can be computed with there', () => {
  const shape = parseModelConfig(largeConfig(), 'config.json');
  const gpu = { wasm: false, halves: true, binding: 2 ** 30 };
  expect(formatOn(shape, ['q4', 'q8'], gpu)).toBe('q4');
  expect(formatOn(shape, ['f16'], { ...gpu, halves: false })).toBe('q8');
  expect(formatOn(shape, ['f16', 'q4'], { ...gpu, halves: false })).toBe('q4');
  expect(formatOn(shape, ['f16'], { wasm: true, halves: false, binding: 0 })).toBe('f16');
  const binding = largestBinding(shape, 'q8').bytes;
  expect(formatOn(shape, ['f16'], { ...gpu, binding })).toBe('q8');
});
