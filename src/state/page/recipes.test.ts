import { expect, test } from 'vitest';
import type { Edit } from '../../lens/api/edit';
import type { Recipe } from '../../lens/api/recipe';
import { parseRecipe } from '../../lens/exchange/recipe-file';
import { defaultSampling } from '../base/sampling';
import { atAddress } from '../model/model-url';
import { editsOf } from '../steering/edits';
import { fakeLens, settled } from '../testing/lens';
import { saidBy, tracedBench } from '../testing/workbench';
import { exportRecipe, fromRecipe, importRecipe } from './recipes';
import { createWorkbench } from './workbench';

const { info } = fakeLens();
const recipe = (edits: Edit[], more: Partial<Recipe> = {}): Recipe => ({
  format: 'lenslet-recipe-3',
  model: { name: 'fake', sha256: info.sha256 },
  dictionaries: info.sites.map(({ layer, width, k, sha256 }) => ({ layer, width, k, sha256 })),
  edits,
  sampling: defaultSampling,
  ...more,
});

test('what is exported is imported as the same edits, text and sampling', async () => {
  const made = await tracedBench();
  made.steer(3, 12);
  made.edit(1, { strength: 14, where: 'generated', mode: 'clamp', on: 'preactivation' });
  made.steering.add(4, 7);
  made.edit(2, { mode: 'ablate', strength: 0.5, where: 'first4.assistant.text', when: '3:12 > 0.5 until 0.25' });
  made.setSampling({ seed: 3, maxTokens: 5 });
  const edits = editsOf(made.steering.store.getState().rows);
  const text = (await exportRecipe(made))!;
  const other = await tracedBench();
  other.view.set({ site: 4, feature: 20 });
  await importRecipe(other, parseRecipe(text));
  // The card is that of the first edit.
  expect(other.view.store.getState()).toMatchObject({ site: 3, feature: 12 });
  expect(editsOf(other.steering.store.getState().rows)).toEqual(edits);
  expect(other.sampling.getState()).toEqual(made.sampling.getState());
  expect(other.tracer.store.getState().text).toBe('one two three');
  expect(await exportRecipe(other)).toBe(text);
  await settled();
  expect(other.runner.store.getState().plan?.edits).toEqual(edits);
});

test('nothing to export without an edit that is on', async () => {
  const made = await tracedBench();
  expect(await exportRecipe(made)).toBeNull();
  made.steering.add(3, 12);
  made.edit(1, { strength: 0 });
  expect(await exportRecipe(made)).toBeNull();
});

test('a strength comes back as it was, not on the slider’s step', () => {
  const { rows, notes } = fromRecipe(recipe([{ layer: 3, feature: 1, mode: 'add', strength: 12.345 }]), info);
  expect(rows[0]).toMatchObject({ strength: 12.345, unit: 'max' });
  expect(notes.join()).not.toContain('left out');
});

test('what the panel has no row for is left out and said; a strength beyond the slider is taken as it is', () => {
  const { rows, notes } = fromRecipe(
    recipe([
      { layer: 3, mode: 'add', strength: 1, direction: { vector: new Float32Array(4).fill(1) } },
      { layer: 3, feature: 50, mode: 'add', strength: 1 },
      { layer: 3, feature: 1, mode: 'add', strength: 100 },
      { layer: 3, feature: 1, mode: 'add', strength: 1e8 },
      { layer: 3, feature: 2, mode: 'ablate', strength: 2 },
    ]),
    info,
  );
  expect(rows).toMatchObject([
    { feature: 1, mode: 'add', strength: 100 },
    { feature: 1, mode: 'add', strength: 1e8 },
    { feature: 2, mode: 'ablate', strength: 2 },
  ]);
  const said = notes.join(' ');
  expect(said).toContain('Edit 1 left out: the panel edits features');
  expect(said).toContain('3:50');
});

test('a gate that cannot be read here leaves its edit out, with the reason', () => {
  const add = { feature: 1, mode: 'add', strength: 10 } as const;
  const gated = [
    { ...add, layer: 3, when: '4:1 > 1' },
    { ...add, layer: 4, when: '3:50 > 1' },
    { ...add, layer: 4, when: '3:1 > 1 in turn' },
  ];
  const { rows, notes } = fromRecipe(recipe(gated), info);
  expect(rows.map(({ when }) => when)).toEqual(['3:1 > 1 in turn']);
  expect(notes.join(' ')).toMatch(/Edit 1 left out\. The gate reads layer 4, .* Edit 2 left out\. .*no such feature/);
});

test('another model and another dictionary are said in the notices', async () => {
  const made = await tracedBench();
  const foreign = recipe([{ layer: 3, feature: 1, mode: 'add', strength: 10 }], {
    model: { name: 'other', sha256: 'ab'.repeat(32) },
  });
  await importRecipe(made, foreign);
  expect(saidBy(made).join(' ')).toMatch(/other/);
  expect(made.steering.store.getState().rows).toHaveLength(1);
});

test('an import is one step back', async () => {
  const made = await tracedBench();
  made.steer(3, 12);
  made.history.restart();
  await importRecipe(made, recipe([{ layer: 4, feature: 1, mode: 'add', strength: 10 }], { prompt: 'another text' }));
  made.undo();
  expect(made.steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 12 }]);
  expect(made.tracer.store.getState().text).toBe('one two three');
});

test('without a stored maximum a strength is what it was too, whatever has been seen', async () => {
  const plain = () => {
    const fake = fakeLens();
    return { ...fake, info: { ...info, sites: info.sites.map((site) => ({ ...site, maximum: null })) } };
  };
  const made = createWorkbench(async () => plain(), { pause: 0 });
  await made.engine.open(atAddress('fake'), 'auto');
  await made.show({ text: 'one two three' });
  made.history.restart();
  // 3:12 is active in the third token.
  await importRecipe(made, recipe([{ layer: 3, feature: 12, mode: 'add', strength: 50 }], { prompt: 'one two three' }));
  await settled();
  expect(made.steering.store.getState().rows).toMatchObject([{ strength: 50, unit: 'raw' }]);
  expect(made.runner.store.getState().plan?.edits[0]?.strength).toBe(50);
  expect(saidBy(made).join()).not.toContain('left out');
  made.undo();
  expect(made.steering.store.getState().rows).toEqual([]);
});

test('sampling that the page cannot have, and a chat’s turn, are said', () => {
  const { sampling, notes } = fromRecipe(
    recipe([], { sampling: { temperature: 8, topP: 0.001, seed: -3, maxTokens: 4000 }, chat: true }),
    info,
  );
  expect(sampling).toEqual({ temperature: 5, topP: 0.01, seed: 0, maxTokens: 1024 });
  expect(notes).toEqual([
    'The recipe’s temperature, 8, is 5 here, the most that the page takes.',
    'The recipe’s top-p, 0.001, is 0.01 here, the least that the page takes.',
    'The recipe’s seed, −3, is 0 here, the least that the page takes.',
    'The recipe’s length in tokens, 4000, is 1024 here, the most that the page takes.',
    'The recipe’s text is a user’s turn, and this model has no chat template: it is taken as a plain text.',
  ]);
  expect(fromRecipe(recipe([], { chat: true, prompt: 'a' }), { ...info, chat: true }).notes).toEqual([]);
  expect(fromRecipe(recipe([], { chat: false }), info).notes).toEqual([]);
});

test('a conversation is exported and imported as one, and a user’s turn becomes one of a single turn', async () => {
  const chat = {
    messages: [
      { role: 'user' as const, content: 'How many?' },
      { role: 'assistant' as const, content: 'one' },
    ],
    open: true,
    ids: [3],
  };
  const made = await tracedBench();
  made.steer(3, 12);
  await made.show({ chat });
  const text = (await exportRecipe(made))!;
  expect(JSON.parse(text)).toMatchObject({ conversation: chat });
  expect(JSON.parse(text).prompt).toBeUndefined();
  const other = await tracedBench();
  await importRecipe(other, parseRecipe(text));
  expect(other.tracer.store.getState()).toMatchObject({ text: 'one two three', chat });
  // This model has no template, which is said; it is taken all the same.
  expect(saidBy(other)).toEqual(['The recipe’s conversation cannot be run here: this model has no chat template.']);

  other.engine.store.setState({ info: { ...info, chat: true } });
  await importRecipe(other, recipe([], { chat: true, prompt: 'How many?' }));
  expect(other.tracer.store.getState().chat).toEqual({ messages: [{ role: 'user', content: 'How many?' }] });
  await importRecipe(other, recipe([]));
  expect(other.tracer.store.getState().chat).not.toBeNull();
});

test('positions that a link could not carry, or none at all, are left out and said', () => {
  const at = (where: number[]): Edit => ({ layer: 3, feature: 1, mode: 'add', strength: 1, where });
  const { rows, notes } = fromRecipe(
    recipe([at([]), at(Array.from({ length: 257 }, (_, i) => i)), at([1_000_000]), at([5, 6, 7, 9])]),
    info,
  );
  expect(rows.map((row) => row.where)).toEqual([[5, 6, 7, 9]]);
  expect(notes).toEqual([
    'Edit 1 left out: it names no position.',
    'Edit 2 left out: it names 257 positions, and the page takes 256.',
    'Edit 3 left out: it names a position beyond 999999.',
  ]);
});

test('a recipe that comes to another place is one step of history, on the sheet, with no feature left behind', async () => {
  const made = await tracedBench();
  made.view.set({ site: 4, feature: 20, place: 'notebook', left: { layer: 3, feature: 1 } });
  const steps: unknown[] = [];
  const note = () => {
    const { site, feature, place, left } = made.view.store.getState();
    steps.push([site, feature, place, left]);
  };
  made.trail.follow({ leave: note, arrive: note });
  await importRecipe(made, recipe([{ layer: 3, feature: 12, mode: 'add', strength: 10 }], { prompt: 'a b' }));
  expect(steps).toEqual([
    [4, 20, 'notebook', { layer: 3, feature: 1 }],
    [3, 12, 'sheet', null],
  ]);
  made.dispose();
});
