import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HEAD } from '../state/base/what-is';
import type { Workbench } from '../state/page/workbench';
import { tracedBench } from '../state/testing/workbench';
import { takeFile } from './take-file';

let bench: Workbench;
beforeEach(async () => {
  bench = await tracedBench();
});
afterEach(() => bench.dispose());

const kept = (name: string) => new File([readFileSync(`fixtures/kept/1/${name}`)], name);

test('a recipe that is dropped is imported, and what differs is said beside it', async () => {
  expect(await takeFile(bench, kept('steering.recipe.json'))).toEqual([
    'steering.recipe.json: the recipe’s text, edits and sampling are taken. Undo brings back what was.',
  ]);
  const { prompt } = JSON.parse(readFileSync('fixtures/kept/1/steering.recipe.json', 'utf8')) as { prompt?: string };
  if (prompt) expect(bench.tracer.store.getState().text).toBe(prompt);
  expect(bench.notices.store.getState().list.map(({ source }) => source)).toContain('recipe');
});

test('a notebook and a log are read into theirs, and counted', async () => {
  expect((await takeFile(bench, kept('notebook.json')))[0]).toMatch(
    /^notebook\.json, into the notebook: \d+ features? and \d+ runs? read/,
  );
  expect(bench.notebook.store.getState().entries.size).toBeGreaterThan(0);
  expect((await takeFile(bench, kept('log.jsonl')))[0]).toMatch(/^log\.jsonl, into the log: /);
  expect(bench.log.store.getState().entries.length).toBeGreaterThan(0);
});

test('labels go to the open dictionary, where it has none', async () => {
  bench.view.set({ site: 3 });
  const row = JSON.stringify({ modelId: 'fake', layer: '3-res', index: '7', description: 'old age' });
  expect(await takeFile(bench, new File([row], 'batch-0.jsonl'))).toEqual(['1 label from batch-0.jsonl.']);
});

test('what the page does not take is called what it is, with where it goes', async () => {
  const png = new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)], 'a0-ready.png');
  expect(await takeFile(bench, png)).toEqual([
    'a0-ready.png is a PNG picture. The page takes recipes, conversations, notebooks, logs and files of labels, and folders of models.',
  ]);
  const zip = new File([Uint8Array.of(0x50, 0x4b, 3, 4), new Uint8Array(100)], 'layer2.sae.pt');
  expect(await takeFile(bench, zip)).toEqual([
    'layer2.sae.pt is a PyTorch file. Open it beside its model: pick the model’s folder under Models, and there the dictionary’s.',
  ]);
});

test('a broken file of a right kind says what is wrong with it', async () => {
  const half = new File(['{"format": "lenslet-recipe-1", "edits": ['], 'half.json');
  expect((await takeFile(bench, half))[0]).toMatch(/^half\.json is not JSON in UTF-8/);
});

test('a file whose beginning does not tell what it is is read as what it is', async () => {
  const long = readFileSync('fixtures/kept/1/steering.recipe.json', 'utf8');
  const first = new File([`{${' '.repeat(HEAD)}`, long.slice(long.indexOf('{') + 1)], 'first.json');
  expect(await takeFile(bench, first)).toEqual([
    'first.json: the recipe’s text, edits and sampling are taken. Undo brings back what was.',
  ]);
  const other = new File([`{${' '.repeat(HEAD)}"a": 1}`], 'other.json');
  expect(await takeFile(bench, other)).toEqual([
    'other.json is a JSON file of another kind. The page takes recipes, conversations, notebooks, logs and files of labels, and folders of models.',
  ]);
});

test('a file that cannot be read is said', async () => {
  const gone = new File(['{}'], 'gone.json');
  gone.slice = () => {
    throw new Error('The file is gone.');
  };
  expect(await takeFile(bench, gone)).toEqual(['The file is gone.']);
});
