import { expect, test } from 'vitest';
import type { Effect } from '../../lens/api/effect';
import { fromTypedJson, toTypedJson } from '../base/typed-json';
import { atAddress } from '../model/model-url';
import { cutTokens } from '../reading/kept-codes';
import { fakeLens, settled } from '../testing/lens';
import { entryAt } from '../words/state';
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
  strongestChange: null,
  strongestOther: null,
  claim: '',
};

/** As a file brings it. */
const stored = async (): Promise<Recording> => fromTypedJson(JSON.parse(toTypedJson(await record(fakeLens(), effect))));

test('a recording of an earlier page says nothing of its dictionaries, and is shown', async () => {
  const older = await stored();
  for (const site of older.info.sites)
    for (const part of ['activation', 'about'] as const) delete (site as Partial<typeof site>)[part];
  const all = [...older.sites, ...older.streams.baseline.flatMap(({ codes }) => Object.values(codes))];
  for (const codes of all)
    for (const part of ['active', 'peak'] as const) delete (codes as Partial<typeof codes>)[part];
  const bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  expect(showRecording(bench, 'fake', older)).toBe(true);
  const { tracer, runner, engine } = bench;
  expect(engine.store.getState().info?.sites[0]).toMatchObject({ activation: 'topk', about: { library: null } });
  expect(cutTokens(tracer.store.getState().reading!.sites[3]!, [0, 1])).toBeNull();
  const rows = runner.store.getState().streams!.baseline;
  expect(rows.flatMap(({ codes }) => Object.values(codes)).every((codes) => cutTokens(codes, [0]) === null)).toBe(true);
});

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
  expect(steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 12, strength: 20 }]);
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

const NONE = ['verbalize', 'score', 'reconstruct', 'controls'];
/** What the lens was asked of its verbalizer: anything of it loads the pair. */
const loads = (calls: readonly string[]) => calls.filter((call) => NONE.some((name) => call.startsWith(name)));

/** A page that shows the recording, and the entry that its panel looks at. */
async function opened(lens = fakeLens()) {
  const bench = createWorkbench(async () => lens, { pause: 0 });
  const recording = await stored();
  showRecording(bench, 'fake', recording);
  const { locked } = recording.view;
  const entry = () => entryAt(bench.verbal.store.getState().entries, locked);
  const { record, recorded } = entry()!;
  bench.verbal.drafts.look(record, 0, recorded);
  return { bench, lens, recording, entry, locked };
}

test('the locked token’s words are there with score, control, claims and features, and asking nothing of the pair', async () => {
  const { bench, lens, entry, recording } = await opened();
  const { claims, features } = bench.verbal.drafts;
  bench.verbal.drafts.open('features', true);
  const seen = () =>
    [claims.store.getState(), features.store.getState()].map(({ key, answered, value }) => [key === answered, value]);
  const { answers } = recording.verbal;
  const answered = [
    [true, answers.claims],
    [true, answers.features],
  ];
  expect(entry()).toMatchObject({ state: 'done', record: { model: 'fake', controls: { shuffled: { n: 64 } } } });
  expect(entry()!.record.samples[0]!.score!.fve).toEqual(answers.claims.whole.fve);
  expect(answers.claims.without).toHaveLength(3);
  expect(seen()).toEqual(answered);
  await bench.engine.open(atAddress('fake'), 'auto');
  await settled();
  expect(bench.tracer.store.getState().trace).not.toBeNull();
  expect(entry()?.recorded).toBe(answers);
  expect(seen()).toEqual(answered);
  expect(loads(lens.calls)).toEqual([]);
});

test('an edit of the recorded words is asked about, and Verbalize puts this machine’s own in their place', async () => {
  const { bench, lens, entry } = await opened();
  await bench.engine.open(atAddress('fake'), 'auto');
  await settled();
  bench.verbal.drafts.type('English.');
  await settled();
  expect(loads(lens.calls)).toEqual(['score 1 at 0', 'score 2 at 0']);
  // In a selection the recorded token counts as one without words of this machine.
  bench.view.select(1, true);
  await bench.verbal.verbalize();
  expect(entry()).toMatchObject({ state: 'done' });
  expect(entry()!.recorded).toBeUndefined();
  expect(loads(lens.calls)).toContain('verbalize nla [0 1] x1');
});

test('the recorded words go with their text, and with their weights', async () => {
  const text = await opened();
  text.bench.tracer.store.setState({ text: 'other words' });
  await text.bench.engine.open(atAddress('fake'), 'auto');
  await settled();
  expect(text.entry()).toBeNull();

  const lens = fakeLens();
  Object.assign(lens, { info: { ...lens.info, sha256: 'e'.repeat(64) } });
  const weights = await opened(lens);
  await weights.bench.engine.open(atAddress('fake'), 'auto');
  await settled();
  expect(weights.entry()).toBeNull();
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
