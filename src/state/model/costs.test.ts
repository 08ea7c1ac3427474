import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSay } from '../../lens/maths/figures';
import { CONTEXT_BUDGET, defaultFormat, dictionaryBytes, kvBytes, modelBytes, ropeBytes } from '../../lens/sizes';
import { KNOWN } from './catalogue';
import { costsOf, dictionaryDownload, modelDownload, STATED_CONTEXT, statedContext } from './costs';

const [smol, small, large, instruct] = KNOWN;
const dictionary = small!.dictionaries[0]!;
/** What a GPU gets where no other is named. */
const format = defaultFormat(small!.shape, { wasm: false, halves: true, binding: 2 ** 31 });

test('downloads are the files’ bytes: bf16, and an instruct repository’s second unembedding', () => {
  expect(modelDownload(small!.shape)).toBe(3_441_149_952);
  expect(modelDownload(instruct!.shape)).toBe(3_441_149_952 + 2 * 151_936 * 2048);
  // Users report 537 MB a layer, the notes 537,010,176 bytes of tensors.
  expect(dictionaryDownload(dictionary, 2048)).toBe(537_010_176);
  expect(modelDownload(smol!.shape)).toBe(269_030_016);
});

test('the costs of what is offered', () => {
  const { download, memory, disk, largest } = costsOf(small!.shape, small!.dictionaries[0]!, format, 'f16');
  const round = (bytes: number) => Math.round(bytes / 1e7) / 100;
  expect([download, memory, disk].map(round)).toEqual([3.98, 3.15, 2.2]);
  expect(largest).toBe(311_164_928);
  const beside = { ...dictionary, at: { kind: 'url', url: 'models/beside/' } } as const;
  const near = costsOf(small!.shape, beside, 'q8', 'f16');
  expect([near.download, near.beside]).toEqual([download, 537_010_176]);
});

test('memory is what the engine allocates: weights, dictionary, keys and values with their tables', () => {
  for (const { shape, dictionaries } of [small!, large!]) {
    const tokens = statedContext(shape);
    const context = kvBytes(shape, tokens, 'float32') + ropeBytes(shape, tokens, 'float32');
    expect(context).toBeLessThanOrEqual(CONTEXT_BUDGET);
    const { memory } = costsOf(shape, dictionaries[0]!, 'q8', 'int8');
    const { width } = dictionaries[0]!;
    expect(memory).toBe(modelBytes(shape, 'q8') + dictionaryBytes({ d: shape.d, width }, 'int8') + context);
  }
  expect(statedContext(small!.shape)).toBe(STATED_CONTEXT);
  // More of the large one would be above what the engine sets aside.
  expect(statedContext(large!.shape)).toBe(3584);
  expect(statedContext({ ...small!.shape, contextLength: 100 })).toBe(100);
});

test('the README says what the page says', () => {
  const readme = readFileSync('README.md', 'utf8');
  const { download, disk } = costsOf(small!.shape, small!.dictionaries[0]!, format, 'f16');
  expect(readme).toContain(`The download (${bytesSay(download)}, weights and one layer's dictionary)`);
  expect(readme).toContain(`${bytesSay(disk)} are kept`);
  expect(readme).toContain(`a download of its own (${bytesSay(dictionaryDownload(dictionary, 2048))})`);
});
