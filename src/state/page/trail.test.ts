import { expect, test } from 'vitest';
import { withBench } from '../testing/workbench';
import { currentLink, returnTo, sheetLink } from './link';

const on = withBench();

/** The fragments between which each step went. */
function walked(): [string, string][] {
  const steps: [string, string][] = [];
  on.bench.trail.follow({
    leave: () => steps.push([currentLink(on.bench), '']),
    arrive: () => {
      steps.at(-1)![1] = currentLink(on.bench);
    },
  });
  return steps;
}

test('a text that is shown is one step, typing is none, and a step within a step is none of its own', async () => {
  await on.open('p=one');
  const steps = walked();
  on.bench.tracer.type('one two');
  await on.bench.show({ text: 'three' });
  expect(steps).toEqual([['p=one+two&s=3', 'p=three&s=3']]);
  on.bench.go('log');
  // From another place a feature is shown on the sheet.
  on.bench.showFeature(4, 7);
  on.bench.showFeature(4, 8);
  expect(steps.slice(1)).toEqual([
    ['p=three&s=3', 'p=three&s=3&w=log'],
    ['p=three&s=3&w=log', 'p=three&s=4&f=7'],
  ]);
  on.bench.go('log');
  on.bench.go('log');
  expect(on.bench.view.store.getState().place).toBe('sheet');
});

test('Back to the same work leaves it and its run alone; to other work it is one step of undo', async () => {
  await on.open('p=one&e=3:7a1');
  const { rows } = on.bench.steering.store.getState();
  const { streams } = on.bench.runner.store.getState();
  const here = sheetLink(on.bench);
  expect(returnTo(on.bench, `${here}&t=0&w=log`)).toBe(false);
  expect(on.bench.view.store.getState()).toMatchObject({ locked: 0, place: 'log' });
  expect(on.bench.steering.store.getState().rows).toBe(rows);
  expect(on.bench.runner.store.getState()).toMatchObject({ streams, stale: false });
  expect(on.bench.history.store.getState()).toEqual({ back: 0, forth: 0 });
  expect(returnTo(on.bench, 'p=two')).toBe(true);
  expect(on.bench.tracer.store.getState().text).toBe('two');
  expect(on.bench.history.store.getState()).toEqual({ back: 1, forth: 0 });
  on.bench.undo();
  expect(on.bench.tracer.store.getState().text).toBe('one');
  expect(on.bench.steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 7 }]);
});
