import { expect, test } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import { fromTypedJson, toTypedJson } from '../base/typed-json';
import { atAddress } from '../model/model-url';
import { fakeLens, settled } from '../testing/lens';
import { type Recording, record, reproduction, showRecording } from './recording';
import { createWorkbench } from './workbench';

const none = { rate: 0, low: 0, high: 0, n: 1 };
const effect: Effect = {
  name: 'test',
  title: 'Test',
  shipped: true,
  range: 'natural',
  prompt: 'one two three',
  beside: null,
  chat: false,
  edits: [{ layer: 3, feature: 12, mode: 'add', strength: 20 }],
  maxTokens: 3,
  tried: 'held-out prompts',
  outcome: 'show it',
  rates: { baseline: none, edited: none, randomDirections: none, randomFeatures: none },
  strongestOther: null,
  claim: '',
};

/** As a file brings it. */
const stored = async (): Promise<Recording> => fromTypedJson(JSON.parse(toTypedJson(await record(fakeLens(), effect))));

test('a recording is shown before a model is open, and replaced in place once it is', async () => {
  const lens = fakeLens();
  lens.hold = true;
  const bench = createWorkbench(async () => lens, { pause: 0 });
  showRecording(bench, 'fake', await stored());
  const { tracer, runner, view, steering, engine } = bench;
  const first = tracer.store.getState();
  expect(first.reading).toBe(first.recorded);
  expect(first.reading?.chips.map((chip) => chip.text)).toEqual(['one', ' two', ' three']);
  expect(view.store.getState()).toMatchObject({ site: 3, feature: 12 });
  expect(steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 12, weight: 2 }]);
  expect(runner.store.getState()).toMatchObject({ recorded: true, status: 'done' });
  expect(runner.store.getState().streams?.steered).toHaveLength(3);
  expect(bench.feature.store.getState().value?.id).toBe(12);
  expect(bench.history.store.getState()).toEqual({ back: 0, forth: 0 });

  await engine.open(atAddress('fake'), 'auto');
  expect(tracer.store.getState().reading).toBe(first.recorded);
  lens.hold = false;
  for (let i = 0; i < 8; i++) {
    lens.release();
    await settled();
  }
  const { reading, recorded } = tracer.store.getState();
  expect(reading).not.toBe(recorded);
  expect(reproduction(recorded!, reading!)).toEqual({ delta: 0, moved: 0 });
  expect(runner.store.getState()).toMatchObject({ recorded: false, status: 'done', stale: false });
});

test('a model that is open is not overlaid', async () => {
  const bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  await bench.engine.open(atAddress('fake'), 'auto');
  showRecording(bench, 'fake', await stored());
  expect(bench.tracer.store.getState().recorded).toBeNull();
});

test('a reproduction says the largest difference and how many features differ; of another text nothing', async () => {
  const bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  showRecording(bench, 'fake', await stored());
  const recorded = bench.tracer.store.getState().recorded!;
  const codes = recorded.sites[3]!;
  const values = codes.values.slice();
  values[2] = values[2]! + 0.5;
  const ids = codes.ids.slice();
  ids[5] = 49;
  expect(reproduction(recorded, { ...recorded, sites: { ...recorded.sites, 3: { ...codes, ids, values } } })).toEqual({
    delta: 0.5,
    moved: 1,
  });
  expect(reproduction(recorded, { ...recorded, text: 'other' })).toBeNull();
});
