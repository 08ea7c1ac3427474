import { expect, test, vi } from 'vitest';
import { parseRecipe } from '../../lens/exchange/recipe-file';
import { defaultSampling } from '../base/sampling';
import { parseNotebook } from '../notebook/format';
import { planOf, recordOf, runId, runModel, writeNotebook } from '../notebook/record';
import { ALTERNATIVES } from '../steering/run';
import { settled } from '../testing/lens';
import { withBench } from '../testing/workbench';
import { applyLink, currentLink } from './link';
import { exportRecipe, importRecipe } from './recipes';

const on = withBench();
const MORE = { stop: ['\n\n', 'The end'], repetitionPenalty: 1.3 };

async function withMore(): Promise<void> {
  await on.open('#p=one+two&e=3:12a1');
  on.bench.setSampling(MORE);
  on.bench.commit();
  await settled();
}

test('stop sequences and penalty reach the run and its band, with the alternatives that the page lists', async () => {
  await on.open('#p=one+two&e=3:12a1');
  const [generate, band] = [vi.spyOn(on.fake, 'generate'), vi.spyOn(on.fake, 'band')];
  on.bench.setSampling(MORE);
  on.bench.commit();
  await settled();
  expect(generate.mock.lastCall![1]).toMatchObject({ ...MORE, alternatives: ALTERNATIVES });
  expect(band.mock.lastCall![2]).toMatchObject(MORE);
  // What is set to what it was is no other plan.
  on.bench.setSampling({ stop: [], repetitionPenalty: 1 });
  on.bench.setSampling({ repetitionPenalty: MORE.repetitionPenalty });
  on.bench.setSampling({ stop: [...MORE.stop] });
  on.bench.commit();
  await settled();
  expect(generate).toHaveBeenCalledTimes(1);
});

test('undo takes them away altogether, and redo brings them back', async () => {
  await on.open('#p=one+two');
  const release = on.bench.history.hold();
  on.bench.setSampling(MORE);
  release();
  on.bench.undo();
  expect(on.bench.sampling.getState()).toEqual(defaultSampling);
  on.bench.redo();
  expect(on.bench.sampling.getState()).toEqual({ ...defaultSampling, ...MORE });
});

test('a link carries them, and one without them clears them', async () => {
  await withMore();
  const link = currentLink(on.bench);
  applyLink(on.bench, '#p=other', '');
  expect(on.bench.sampling.getState()).toEqual(defaultSampling);
  applyLink(on.bench, `#${link}`, '');
  expect(on.bench.sampling.getState()).toEqual({ ...defaultSampling, ...MORE });
});

test('a recipe carries them, with a note where the page takes less', async () => {
  await withMore();
  const recipe = parseRecipe((await exportRecipe(on.bench))!);
  applyLink(on.bench, '#p=other', '');
  await importRecipe(on.bench, recipe);
  expect(on.bench.sampling.getState()).toEqual({ ...defaultSampling, ...MORE });
  const notes = () => on.bench.notices.store.getState().list.flatMap(({ lines }) => lines);
  expect(notes()).toEqual([]);
  await importRecipe(on.bench, { ...recipe, sampling: { ...recipe.sampling, repetitionPenalty: 4 } });
  expect(notes()).toEqual(['The recipe’s repetition penalty, 4, is 2 here, the most that the page takes.']);
  await importRecipe(on.bench, { ...recipe, sampling: { ...recipe.sampling, repetitionPenalty: 1 } });
  expect(notes()).toEqual([]);
});

test('a kept run has them, is another run than without them, and comes back from a file', async () => {
  await withMore();
  const state = on.bench.runner.store.getState();
  const { info } = on.bench.engine.store.getState();
  const plan = planOf(state.plan!, info!, () => ({ weight: 1, unit: 'max' }))!;
  const record = recordOf(state, plan, runModel(info!, plan.edits), '2025-01-31T09:30:00.000Z')!;
  const file = new TextEncoder().encode(writeNotebook({ entries: [], runs: [record] }, record.at));
  const [read] = parseNotebook(file).runs;
  expect(read!.plan.sampling).toEqual({ ...defaultSampling, ...MORE });
  expect(runId(read!)).toBe(runId(record));
  expect(runId({ ...record, plan: { ...plan, sampling: defaultSampling } })).not.toBe(runId(record));
});
