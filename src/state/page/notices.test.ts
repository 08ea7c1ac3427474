import { expect, test } from 'vitest';
import type { Recipe } from '../../lens/api/recipe';
import { defaultSampling } from '../base/sampling';
import { atAddress } from '../model/model-url';
import { fakeLens, settled } from '../testing/lens';
import { saidBy, tracedBench } from '../testing/workbench';
import { applyLink } from './link';
import { createNotices } from './notices';
import { importRecipe } from './recipes';
import { createWorkbench } from './workbench';

const recipe: Recipe = {
  format: 'lenslet-recipe-3',
  model: { name: 'other', sha256: 'ab'.repeat(32) },
  dictionaries: [],
  edits: [],
  sampling: defaultSampling,
};

test('a source replaces what it said itself, and each is dismissed alone', () => {
  const notices = createNotices();
  notices.say('link', ['a', 'b']);
  notices.say('recipe', ['c']);
  notices.say('link', ['d']);
  notices.add('recipe', ['e']);
  expect(notices.store.getState().list).toEqual([
    { source: 'link', lines: ['d'] },
    { source: 'recipe', lines: ['c', 'e'] },
  ]);
  notices.say('link', []);
  expect(notices.store.getState().list).toEqual([{ source: 'recipe', lines: ['c', 'e'] }]);
});

test('what a link could not have stays while a recipe has something to say too', async () => {
  const bench = await tracedBench();
  applyLink(bench, 'p=one+two&s=99', '');
  await importRecipe(bench, recipe);
  expect(saidBy(bench)).toEqual([
    'No layer 99 in this model: layer 3 is shown.',
    expect.stringContaining('made on another model: other'),
  ]);
  bench.notices.say('recipe', []);
  expect(saidBy(bench)).toEqual(['No layer 99 in this model: layer 3 is shown.']);
  bench.dispose();
});

test('what was said of a model goes with it', async () => {
  const bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  applyLink(bench, 'p=one&s=99', '');
  await bench.engine.open(atAddress('m/'), 'auto');
  await settled();
  expect(saidBy(bench)).toHaveLength(1);
  await bench.engine.open(atAddress('n/'), 'auto');
  expect(saidBy(bench)).toEqual([]);
  bench.dispose();
});

test('what is said of a paste goes with its text, and takes nothing else away', async () => {
  const bench = await tracedBench();
  bench.notices.say('text', ['The conversation had 40 turns.']);
  bench.notices.say('paste', ['The pasted text had Windows line ends.']);
  bench.tracer.type('pasted');
  await settled();
  expect(saidBy(bench)).toHaveLength(2);
  await bench.show({ text: 'an example' });
  expect(saidBy(bench)).toEqual(['The conversation had 40 turns.']);
  bench.notices.say('paste', ['The pasted text had carriage returns.']);
  bench.undo();
  await settled();
  expect(saidBy(bench)).toEqual(['The conversation had 40 turns.']);
  bench.dispose();
});
