import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRecipe } from '../../lens/exchange/recipe-file';
import type { LogEntry } from '../log/record';
import { atAddress } from '../model/model-url';
import { tellOf } from '../testing/effects';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { applyLink, currentLink, returnTo } from './link';
import { reopen } from './log-reopen';
import { bringBack } from './notebook-runs';
import { exportRecipe, importRecipe } from './recipes';
import { selectShownEffect } from './selectors';
import { createWorkbench, type Workbench } from './workbench';

let fake: FakeLens;
let bench: Workbench;
const open = async (hash: string, bos: string | null = '<s>') => {
  fake = { ...fake, info: { ...fake.info, bos } };
  applyLink(bench, hash, 'example');
  await bench.engine.open(atAddress('m/'), 'auto');
  await settled();
};
const asked = (what: string) => fake.calls.filter((call) => call.startsWith(what)).at(-1);

beforeEach(() => {
  fake = fakeLens();
  bench = createWorkbench(async () => fake, { pause: 0 });
});
afterEach(() => bench.dispose());

test('the switch traces again and expires the run; the run, the link and undo have it', async () => {
  await open('p=a&e=3:1a1');
  await bench.generate();
  expect([asked('trace'), currentLink(bench)]).toEqual(['trace a', expect.not.stringContaining('b=')]);
  bench.history.restart();
  bench.tracer.setBos(false);
  await settled();
  expect(asked('trace')).toBe('trace a without bos');
  expect(bench.runner.store.getState().stale).toBe(true);
  await bench.generate();
  expect(asked('generate')).toMatch(/without bos$/);
  const link = currentLink(bench);
  expect(link).toContain('b=0');
  bench.undo();
  await settled();
  expect([bench.tracer.store.getState().bos, asked('trace')]).toEqual([true, 'trace a']);
  expect(returnTo(bench, link)).toBe(true);
  expect(bench.tracer.store.getState().bos).toBe(false);
});

test('a recipe and a kept run say it, and bring it back', async () => {
  await open('p=a&e=3:1a1&b=0');
  expect(asked('trace')).toBe('trace a without bos');
  const text = (await exportRecipe(bench))!;
  // Earlier readers refuse it by its format: they would put the token there.
  expect(parseRecipe(text)).toMatchObject({ format: 'lenslet-recipe-4', prependBos: false });
  await bench.generate();
  await settled();
  const [run] = bench.notebook.store.getState().runs;
  expect(run!.plan.prependBos).toBe(false);
  const bos = () => bench.tracer.store.getState().bos;
  bench.tracer.setBos(true);
  await importRecipe(bench, parseRecipe(text));
  expect([bos(), asked('trace')]).toEqual([false, 'trace a without bos']);
  bench.tracer.setBos(true);
  await bringBack(bench, run!);
  expect(bos()).toBe(false);
});

test('with it they say so, and what could not say it was made without it', async () => {
  await open('p=a&e=3:1a1');
  const recipe = parseRecipe((await exportRecipe(bench))!);
  expect(recipe).toMatchObject({ format: 'lenslet-recipe-4', prependBos: true });
  await bench.generate();
  await settled();
  const [run] = bench.notebook.store.getState().runs;
  const bos = () => bench.tracer.store.getState().bos;
  const { prependBos: _, ...earlier } = recipe;
  await importRecipe(bench, { ...earlier, format: 'lenslet-recipe-3' });
  expect([bos(), asked('trace')]).toEqual([false, 'trace a without bos']);
  await importRecipe(bench, recipe);
  expect(bos()).toBe(true);
  const { prependBos: stated, ...plan } = run!.plan;
  expect(stated).toBe(true);
  await bringBack(bench, { ...run!, plan });
  expect(bos()).toBe(false);
  await bringBack(bench, run!);
  expect(bos()).toBe(true);
  expect(currentLink(bench)).not.toContain('b=');
});

test('of a tokenizer that puts nothing nothing is said', async () => {
  await open('p=a&e=3:1a1&b=0', null);
  const text = (await exportRecipe(bench))!;
  expect(text).not.toContain('prependBos');
  await bench.generate();
  expect(asked('generate')).not.toContain('bos');
  bench.tracer.setBos(true);
  await importRecipe(bench, parseRecipe(text));
  expect(currentLink(bench)).not.toContain('b=');
});

describe('where the first token comes or goes', () => {
  const tokens = async () => {
    await open('p=one two three&e=3:1a1@2,4:2a1@0');
    // One token more, as the tokenizer puts it.
    const { trace } = fake;
    fake.trace = async (prompt, options = {}) =>
      options.prependBos === false
        ? trace(prompt, options)
        : { ...(await trace(`<s> ${prompt as string}`, options)), text: prompt as string };
    await bench.tracer.trace();
  };
  const where = () => bench.steering.store.getState().rows.map((row) => [row.where, row.enabled]);
  const locked = () => bench.view.store.getState().locked;

  test('locks and named positions stay with their tokens, as one step of undo', async () => {
    await tokens();
    bench.view.toggleLock(3);
    bench.history.restart();
    await bench.putFirst(false);
    expect([locked(), where()]).toEqual([
      2,
      [
        [[1], true],
        [[0], false],
      ],
    ]);
    expect(bench.history.store.getState().back).toBe(1);
    bench.undo();
    await settled();
    expect([locked(), where()]).toEqual([
      3,
      [
        [[2], true],
        [[0], true],
      ],
    ]);
  });

  test('the text is another one to a contrast, and a swap brings both back', async () => {
    await tokens();
    bench.contrast.hold();
    await bench.putFirst(false);
    expect(bench.contrast.store.getState().held!.bos).toBe(true);
    await bench.contrast.swap();
    expect(bench.tracer.store.getState()).toMatchObject({ bos: true, reading: { bos: true } });
    expect(bench.contrast.store.getState().held!.bos).toBe(false);
    bench.undo();
    await settled();
    expect([bench.tracer.store.getState().bos, bench.contrast.store.getState().held!.bos]).toEqual([false, true]);
  });

  test('a kept verbalization says it, and its words come back to their token', async () => {
    await tokens();
    bench.view.toggleLock(2);
    await bench.verbal.verbalize();
    const [made] = bench.log.store.getState().entries;
    expect(made!.target).toMatchObject({ bos: true, position: 2 });
    await bench.putFirst(false);
    await reopen(bench, made!);
    expect(bench.tracer.store.getState().bos).toBe(true);
    const { bos: _, ...earlier } = made!.target as { bos: boolean };
    await reopen(bench, { ...made!, target: { ...earlier, position: 1 } as LogEntry['target'] });
    expect([bench.tracer.store.getState().bos, locked()]).toEqual([false, 1]);
  });
});

test('a measured effect runs as it was measured, and is none on show otherwise', async () => {
  const effect = tellOf(fake);
  await open('p=a&b=0');
  await bench.showEffect(effect);
  await settled();
  expect(asked('generate')).not.toContain('without bos');
  expect(selectShownEffect(bench.page.getState())).toBeTruthy();
  await bench.putFirst(false);
  expect(selectShownEffect(bench.page.getState())).toBeUndefined();
});
