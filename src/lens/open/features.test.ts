import { expect, test } from 'vitest';
import { MissingFileError } from '../api/errors';
import { FEATURES_METADATA, FEATURES_OF, featureTensors, pack } from '../testing/fixtures';
import { memorySource } from '../testing/memory-source';
import { openFeatures } from './features';

const { layer, width, k, vocabulary, sha256, model } = FEATURES_OF;
const file = (metadata: Record<string, string> = {}) => ({
  'sae/features.safetensors': pack(featureTensors(), { ...FEATURES_METADATA, ...metadata }),
});
/** The dictionary that the data are of, in a source that is not the model's. */
const of = (files: Record<string, Uint8Array>) => ({
  ...{ layer, width, k, activation: 'topk' as const, sha256, folder: 'sae/' },
  source: memorySource(files, { origin: { kind: 'url', url: 'https://elsewhere.example/' } }),
});
async function open(dictionary: Parameters<typeof openFeatures>[0][number], weights: string | null = model) {
  const notices: string[] = [];
  const found = await openFeatures([dictionary], { vocabulary, model: weights, notices });
  return { data: found.get(layer), notices };
}

test('data about features are found beside their dictionary, whatever source that is in', async () => {
  const { data, notices } = await open(of(file()));
  expect(data!.head.tokens.written).toBe(100);
  expect(notices).toEqual([]);
  expect((await open(of({}))).data).toBeUndefined();
  expect((await open({ ...of(file()), folder: null })).data).toBeUndefined();
});

test('data that were made on other weights of the model are read, and a sentence says so', async () => {
  const { data, notices } = await open(of(file()), 'of the bfloat16');
  expect(data).toBeDefined();
  expect(notices).toEqual([expect.stringContaining('layer 3 were made on other weights of the model')]);
  expect((await open(of(file()), null)).notices, 'not known').toEqual([]);
});

test('data of another dictionary, or damaged ones, are left out with the reason', async () => {
  for (const [key, wrong] of Object.entries({ weights_sha256: 'cd', k: '3', format: 'x' })) {
    const { data, notices } = await open(of(file({ [key]: wrong })));
    expect([data, notices]).toEqual([undefined, [expect.stringMatching(/^Left out: sae\/features.safetensors/)]]);
  }
});

test('how many codes we keep of a dictionary with thresholds does not tell it from others', async () => {
  const { data } = await open({ ...of(file({ k: '32' })), activation: 'threshold' });
  expect(data).toBeDefined();
});

test('what cannot be fetched is left out as well', async () => {
  const away = { ...of({}).source, tryReadPart: () => Promise.reject(new MissingFileError('offline')) };
  expect(await open({ ...of({}), source: away })).toEqual({ data: undefined, notices: ['Left out: offline'] });
});
