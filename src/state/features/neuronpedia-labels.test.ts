import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LONGEST_LABEL, labelText, leftOut, parseLabels } from './neuronpedia-labels';

const site = { layer: 11, width: 100 };
const wide = { layer: 11, width: 32_768 };
const line = (row: object) => JSON.stringify(row);
const row = (index: unknown, description: unknown, more: object = {}) =>
  line({ modelId: 'qwen3.5-2b-pt', layer: '11-qwenscope-res', index, description, ...more });
const refusal = expect.objectContaining({ name: 'CorruptFileError' });

test('JSON lines as they are exported, ids as texts or numbers', () => {
  const file = parseLabels(`${row('3', 'Python loops')}\n\n${row(4, ' the  word\tfree ')}\r\n`, 'a.jsonl', site);
  expect([...file.labels]).toEqual([
    [3, 'Python loops'],
    [4, 'the word free'],
  ]);
  expect([file.models, file.sources, leftOut(file)]).toEqual([['qwen3.5-2b-pt'], ['11-qwenscope-res'], '']);
});

test('a feature’s own JSON, alone, in a list, over several lines', () => {
  const feature = {
    modelId: 'm',
    layer: '11-x',
    index: '7',
    explanations: [{ description: 'first' }, { description: 'second' }],
  };
  for (const text of [line(feature), line([feature] as object), JSON.stringify(feature, null, 2)])
    expect([...parseLabels(text, 'f.json', site).labels]).toEqual([[7, 'first']]);
});

test('what does not belong here is left out, and counted', () => {
  const rows = [
    row(1, 'kept'),
    row(1, 'again'),
    row(2, 'x', { layer: '12-res' }),
    row(100, 'x'),
    row(5, ''),
    row(6, 9),
    row(-1, 'x'),
    row(1.5, 'x'),
    row('1e1', 'x'),
    'no json',
    '[1]',
    'null',
  ];
  const file = parseLabels(rows.join('\n'), 'a.jsonl', site);
  expect([...file.labels]).toEqual([[1, 'kept']]);
  expect(leftOut(file)).toBe(
    '; left out: 1 of other layers, 1 of ids that it lacks, 2 without words, 1 a second time, 6 not readable',
  );
  // 110 is not layer 11.
  expect(() => parseLabels(row(1, 'x', { layer: '110-res' }), 'a.jsonl', site)).toThrow(
    expect.objectContaining({ message: expect.stringContaining('1 of other layers') }),
  );
});

test.each([
  '11-gemmascope-mlp-16k',
  '11-gemmascope-att-16k',
  '11-res_mid_32k-oai',
  'blocks.11.hook_mlp_out',
  '11-qwenscope-res-65k',
])('the labels of %s are not taken for the residual’s of 32,768 features', (layer) => {
  const both = [row(1, 'x', { layer }), row(2, 'y', { layer: '11-qwenscope-res-32k' })].join('\n');
  const file = parseLabels(both, 'a.jsonl', wide);
  expect([...file.labels]).toEqual([[2, 'y']]);
  expect(leftOut(file)).toContain(`1 of another dictionary there (${layer})`);
  expect(() => parseLabels(row(1, 'x', { layer }), 'a.jsonl', wide)).toThrow(refusal);
});

test('labels are one line of limited length, without signs that turn the text round; names are few', () => {
  const long = parseLabels([row(1, 'x'.repeat(5000)), row(2, 'a\u202eb\u0000c\nd')].join('\n'), 'a.jsonl', site).labels;
  expect(long.get(1)).toHaveLength(LONGEST_LABEL);
  expect(long.get(2)).toBe('a b c d');
  const many = parseLabels(
    Array.from({ length: 50 }, (_, i) => row(i, 'x', { modelId: `m${i}` })).join('\n'),
    'a.jsonl',
    site,
  );
  expect(many.models).toHaveLength(4);
});

test.each([
  '',
  'not json',
  '{}',
  '[]',
  'null',
  '[[[[',
  '{"index":1}',
  `${'['.repeat(100_000)}`,
  '{"index":1,"description":{"a":1}}',
])('%.20s is refused by name', (text) => {
  expect(() => parseLabels(text, 'a.jsonl', site)).toThrow(refusal);
});

test('gzip is unpacked, up to a limit; damage is named', async () => {
  const bytes = new Uint8Array(gzipSync(row(3, 'Python 循环')));
  expect([...parseLabels(await labelText(bytes, 'a.gz'), 'a.gz', site).labels]).toEqual([[3, 'Python 循环']]);
  await expect(labelText(new Uint8Array(gzipSync('x'.repeat(1e6))), 'bomb.gz', 1e5)).rejects.toThrow(
    /bomb\.gz unpacks to more than/,
  );
  await expect(labelText(bytes.slice(0, 40), 'cut.gz')).rejects.toThrow(refusal);
  await expect(labelText(Uint8Array.of(0xff, 0xfe, 0x00), 'a.jsonl')).rejects.toThrow(/no UTF-8/);
});
