import { expect, test } from 'vitest';
import { AmbiguousDictionaryError, UnsupportedModelError } from '../api/errors';
import { json, pack, SAE } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { openDictionaries, otherDictionaries, ownDictionaries } from './dictionaries';

const MODEL = { d: 3, layers: 6, name: 'Qwen3-1.7B' };
const COMMON = {
  W_enc: { shape: [3, 4], data: new Float32Array(12) },
  b_enc: { shape: [4], data: new Float32Array(4) },
  W_dec: { shape: [4, 3], data: new Float32Array(12) },
  b_dec: { shape: [3], data: new Float32Array(3) },
};
const folder = (path: string, layer: number, more: Parameters<typeof pack>[0] = {}) => ({
  [`${path}/cfg.json`]: json({
    ...SAE,
    hook_layer: undefined,
    hook_name: `blocks.${layer}.hook_resid_post`,
    metadata: { model_name: 'gemma-2-2b', prepend_bos: true },
  }),
  [`${path}/sae_weights.safetensors`]: pack({ ...COMMON, ...more }),
});
const threshold = { threshold: { shape: [4], data: new Float32Array(4) } };

test('a threshold beside "topk" is no top-k dictionary: the model opens without it, and says so', async () => {
  const index = { 'sae/index.json': json(['bad', 'good']) };
  const source = memorySource({ ...folder('sae/bad', 1, threshold), ...folder('sae/good', 2), ...index });
  const own = await ownDictionaries(source, MODEL);
  expect(own.layers).toEqual([1, 2]);
  const { found, notices } = await openDictionaries(own, undefined);
  expect(found.map(({ layer }) => layer)).toEqual([2]);
  expect(notices).toEqual([
    expect.stringMatching(/^Left out: sae\/bad.*"threshold"/),
    expect.stringMatching(/layer 2 was trained on gemma-2-2b/),
    expect.stringMatching(/layer 2 .*first token/),
  ]);
  await expect(openDictionaries(own, [1])).rejects.toThrow(UnsupportedModelError);
});

test('two of a layer ask for a folder, and a folder chooses', async () => {
  const index = { 'sae/index.json': json(['a', 'b']) };
  const source = memorySource({ ...folder('sae/a', 2), ...folder('sae/b', 2), ...index });
  await expect(openDictionaries(await ownDictionaries(source, MODEL), undefined)).rejects.toThrow(
    AmbiguousDictionaryError,
  );
  const chosen = await ownDictionaries(source, MODEL, { folders: ['sae/b'] });
  expect((await openDictionaries(chosen, undefined)).found.map(({ folder: of }) => of)).toEqual(['sae/b/']);
});

test('one that was asked for by its source stops where it cannot be read', async () => {
  const other = await otherDictionaries(memorySource(folder('a', 1, threshold)), MODEL);
  await expect(openDictionaries(other, undefined)).rejects.toThrow(/"threshold"/);
  const foreign = memorySource({ 'a/cfg.json': json({}), 'a/sae_weights.safetensors': pack(COMMON) });
  await expect(otherDictionaries(foreign, MODEL)).rejects.toThrow(/"architecture" must say.*missing/);
  expect((await otherDictionaries(memorySource({}), MODEL)).layers).toEqual([]);
});
