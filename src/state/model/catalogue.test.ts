import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSay } from '../../lens/maths/figures';
import {
  cacheBytes,
  costsOf,
  dictionaryBytes,
  dictionaryDownload,
  KNOWN,
  knownDictionary,
  knownModel,
  largestBuffer,
  modelDownload,
  offered,
  parameters,
  shapeOf,
  weightBytes,
} from './catalogue';
import { queryOf } from './model-url';

const [small, large, instruct] = KNOWN;

test('the parameters are those that the models are published with', () => {
  // 1.7 B and 1.4 B without the embedding, 8.2 B and 6.95 B: Qwen3's cards.
  expect(parameters(small!.shape)).toBe(1_720_574_976);
  expect(parameters(large!.shape)).toBe(8_190_735_360);
});

test('downloads are the files’ bytes: bf16, and an instruct repository’s second unembedding', () => {
  expect(modelDownload(small!.shape)).toBe(3_441_149_952);
  expect(modelDownload(instruct!.shape)).toBe(3_441_149_952 + 2 * 151_936 * 2048);
  // Users report 537 MB a layer, the notes 537,010,176 bytes of tensors.
  expect(dictionaryDownload(small!.dictionaries[0]!, 2048)).toBe(537_010_176);
});

test('a number of q4 is 20 bytes for 32, of q8 36, of f16 64; norms are float32', () => {
  const shape = {
    layers: 1,
    hidden: 32,
    intermediate: 64,
    heads: 2,
    keyHeads: 1,
    headDim: 16,
    vocabulary: 100,
    tied: true,
    context: 128,
  };
  const blocks = 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64;
  const norms = 4 * (2 * 32 + 2 * 16 + 32);
  expect(weightBytes(shape, 'q4')).toBe((blocks * 20) / 32 + (3200 * 36) / 32 + norms);
  expect(weightBytes(shape, 'q8')).toBe(((blocks + 3200) * 36) / 32 + norms);
  expect(weightBytes(shape, 'f16')).toBe((blocks + 3200) * 2 + norms);
  expect(weightBytes({ ...shape, tied: false }, 'q4') - weightBytes(shape, 'q4')).toBe((3200 * 36) / 32);
});

test('dictionaries as f16 and as int8 with a scale per feature; keys and values by the token', () => {
  const [dictionary] = small!.dictionaries;
  expect(dictionaryBytes(dictionary!, 2048, 'f16')).toBe(2 * 134_217_728 + 4 * (32_768 + 2048));
  expect(dictionaryBytes(dictionary!, 2048, 'int8')).toBe(2 * (67_108_864 + 131_072) + 4 * (32_768 + 2048));
  // 112 KiB a token of float16, twice that of float32.
  expect([cacheBytes(small!.shape, 1, 2), cacheBytes(small!.shape, 1, 4)]).toEqual([114_688, 229_376]);
});

test('the costs of what is offered', () => {
  const costs = costsOf(small!.shape, small!.dictionaries[0]!, 'q4', 'f16');
  const round = (bytes: number) => Math.round(bytes / 1e7) / 100;
  expect([costs.download, costs.memory, costs.disk].map(round)).toEqual([3.98, 2.44, 1.5]);
  expect(largestBuffer(small!.shape, 'q4')).toBe(311_164_928);
});

test('every offer is one that its address asks for, with a layer that its dictionary has', () => {
  for (const known of KNOWN) {
    const request = offered(known);
    expect(request.layer).toBeLessThan(knownDictionary(request.dictionary as string)!.layers);
    expect(queryOf(request, 'https://lens.example/')).toContain(`?hub=${known.repo}&dictionary=Qwen/SAE-Res-`);
    expect(knownModel(known.repo.toUpperCase())).toBe(known);
  }
});

test('a config.json’s shape, and none where it states none', () => {
  const config = {
    num_hidden_layers: 28,
    hidden_size: 2048,
    intermediate_size: 6144,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    vocab_size: 151_936,
    tie_word_embeddings: true,
    max_position_embeddings: 32_768,
  };
  expect(shapeOf(config)).toEqual(small!.shape);
  expect(shapeOf({ ...config, head_dim: undefined })!.headDim).toBe(128);
  for (const bad of [
    null,
    'x',
    [],
    {},
    { ...config, hidden_size: '2048' },
    { ...config, vocab_size: 1e12 },
    { ...config, num_hidden_layers: -1 },
  ]) {
    expect(shapeOf(bad)).toBeNull();
  }
});

test('the README says what the page says', () => {
  const readme = readFileSync('README.md', 'utf8');
  const { download, disk } = costsOf(small!.shape, small!.dictionaries[0]!, 'q4', 'f16');
  expect(readme).toContain(`The download (${bytesSay(download)}, weights and one layer's dictionary)`);
  expect(readme).toContain(`${bytesSay(disk)} are kept`);
  expect(readme).toContain(
    `a download of its own (${bytesSay(dictionaryDownload(small!.dictionaries[0]!, small!.shape.hidden))})`,
  );
});
