import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { InvalidEditError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { openNotebookDb } from '../notebook/db';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy } from '../testing/workbench';
import { applyLink } from './link';
import { bringBack } from './notebook-runs';
import { createWorkbench, type Workbench } from './workbench';

let fake: FakeLens;
let bench: Workbench;

beforeEach(async () => {
  fake = fakeLens();
  bench = createWorkbench(async () => fake, { pause: 0, openNotebook: () => openNotebookDb(`runs ${Math.random()}`) });
  applyLink(bench, '', 'the old man');
  await bench.engine.open(atAddress('m/'), 'auto');
  await bench.notebook.ready;
  await settled();
});
afterEach(() => bench.dispose());

const kept = () => bench.notebook.store.getState().runs;

test('a complete run is kept with its plan, its texts and its band; the same plan again takes its place', async () => {
  bench.steer(3, 12);
  await settled();
  expect(kept()).toHaveLength(1);
  const [run] = kept();
  expect(run).toMatchObject({ complete: true, model: 'fake', plan: { prompt: 'the old man', control: true, draw: 1 } });
  expect(run!.plan.edits).toMatchObject([
    { layer: 3, feature: 12, mode: 'add', weight: 1, unit: 'max', strength: 10, where: 'all', on: 'active' },
  ]);
  expect([run!.baseline, run!.steered, run!.control].map((rows) => rows!.length)).toEqual([3, 3, 3]);
  expect(run!.band).toHaveLength(7);
  await bench.generate();
  expect(kept()).toHaveLength(1);
  expect(kept()[0]!.at >= run!.at).toBe(true);
});

test('a run that the reader stops is kept as such; one that an edit overtakes is not, nor one without a token', async () => {
  fake.hold = true;
  bench.steer(3, 12);
  await settled();
  bench.stop();
  await settled();
  fake.release();
  await settled();
  expect(kept()).toEqual([]);
  bench.commit();
  await settled();
  fake.release();
  await settled();
  bench.edit(1, { strength: 20 });
  await settled();
  expect(kept()).toEqual([]);
  bench.commit();
  fake.release();
  await settled();
  fake.release();
  await settled();
  fake.release();
  await settled();
  bench.stop();
  expect(kept()).toHaveLength(1);
  expect(kept()[0]).toMatchObject({ complete: false, band: null, plan: { edits: [{ weight: 2 }] } });
});

test('a recording is not a run of this machine', () => {
  const plan = { prompt: 'x', edits: [], control: false, draw: 1, sampling: bench.sampling.getState() };
  const row = {
    token: 1,
    text: 'a',
    logprob: -1,
    codes: {},
    acted: 0,
    change: 0,
    norm: 1,
    kl: null,
    surprisal: null,
    done: null,
  };
  bench.runner.store.setState({
    status: 'done',
    plan,
    streams: { baseline: [row], steered: null, control: null },
    stale: false,
    recorded: true,
  });
  expect(kept()).toEqual([]);
});

test('a run is brought back: text, edits, control, draw and sampling, and run again', async () => {
  bench.steer(3, 12);
  bench.edit(1, { strength: 14, where: 'prompt' });
  bench.setSampling({ seed: 5 });
  bench.commit();
  await settled();
  const [run] = kept();
  applyLink(bench, '#p=another', '');
  await bench.tracer.trace();
  await bench.generate();
  fake.calls.length = 0;
  await bringBack(bench, run!);
  await settled();
  expect(bench.tracer.store.getState().text).toBe('the old man');
  expect(bench.steering.store.getState()).toMatchObject({
    rows: [{ layer: 3, feature: 12, strength: 14, where: 'prompt' }],
    control: true,
    draw: 1,
  });
  expect(bench.sampling.getState().seed).toBe(5);
  expect(fake.calls.filter((call) => call.startsWith('generate'))).toEqual(['generate the old man [none 14 14]']);
  expect(kept().map(({ plan }) => plan.prompt)).toEqual(['the old man', 'another']);
  expect(kept()[0]!.plan).toEqual(run!.plan);
});

test('edits of another dictionary’s features are not brought back, and that is said', async () => {
  bench.steer(3, 12);
  await settled();
  const [run] = kept();
  const foreign = {
    ...run!,
    plan: { ...run!.plan, edits: run!.plan.edits.map((edit) => ({ ...edit, sha256: 'ab'.repeat(32) })) },
  };
  await bringBack(bench, foreign);
  expect(bench.steering.store.getState().rows).toEqual([]);
  expect(saidBy(bench)).toEqual(['1 edit of the run left out: of another dictionary.']);
});

test('a run comes back by its strengths: off the slider’s steps, and under another maximum', async () => {
  bench.steer(3, 12);
  bench.steering.replace(bench.steering.store.getState().rows.map((row) => ({ ...row, strength: 12.345 })));
  bench.commit();
  await settled();
  const [run] = kept();
  expect(run!.plan.edits).toMatchObject([{ weight: 1.2345, strength: 12.345 }]);
  bench.steering.replace([]);
  await bringBack(bench, run!);
  await settled();
  expect(bench.steering.store.getState().rows).toMatchObject([{ strength: 12.345, unit: 'max' }]);
  expect(saidBy(bench)).toEqual([]);
  expect(kept()).toHaveLength(1);
  // As if 1 x had been 7 when it ran.
  const earlier = {
    ...run!,
    plan: { ...run!.plan, edits: [{ ...run!.plan.edits[0]!, weight: 1, strength: 7.12345678 }] },
  };
  await bringBack(bench, earlier);
  expect(bench.steering.store.getState().rows).toMatchObject([{ strength: 7.123457, unit: 'max' }]);
  await bringBack(bench, { ...run!, plan: { ...run!.plan, edits: [{ ...run!.plan.edits[0]!, strength: 1e9 }] } });
  expect(bench.steering.store.getState().rows).toMatchObject([{ strength: 1e9 }]);
  expect(saidBy(bench)).toEqual([]);
});

test('a run keeps the unit that its strengths were typed in', async () => {
  bench.steer(3, 12);
  bench.steering.patch(1, { strength: 300, unit: 'raw' });
  bench.commit();
  await settled();
  const [run] = kept();
  expect(run!.plan.edits).toMatchObject([{ weight: 300, unit: 'raw', strength: 300 }]);
  bench.steering.replace([]);
  await bringBack(bench, run!);
  expect(bench.steering.store.getState().rows).toMatchObject([{ strength: 300, unit: 'raw' }]);
});

test('a run of another model is said to be, also without an edit; without a hash no edit passes to another model', async () => {
  await bench.generate();
  const [run] = kept();
  const says = 'The run was made on another model, other (SHA-256 abababab…); this is fake (SHA-256 ffffffff…).';
  await bringBack(bench, { ...run!, model: 'other', sha256: 'ab'.repeat(32) });
  expect(saidBy(bench)).toEqual([says]);
  await bringBack(bench, run!);
  expect(saidBy(bench)).toEqual([]);

  const edit = {
    layer: 3,
    feature: 12,
    mode: 'add' as const,
    weight: 1,
    unit: 'max' as const,
    strength: 10,
    where: 'all' as const,
    on: 'active' as const,
  };
  const known = { ...edit, sha256: 'd'.repeat(64) };
  await bringBack(bench, { ...run!, model: 'other', sha256: 'ab'.repeat(32), plan: { ...run!.plan, edits: [known] } });
  expect(bench.steering.store.getState().rows).toHaveLength(1);
  expect(saidBy(bench)).toEqual([says]);
  // Nor does a gate on a dictionary that no hash is kept of.
  const gated = [
    { ...known, when: '3:1 > 1' },
    { ...known, layer: 4, when: '3:1 > 1' },
  ];
  const elsewhere = { ...run!, model: 'other', sha256: 'ab'.repeat(32), plan: { ...run!.plan, edits: gated } };
  await bringBack(bench, elsewhere);
  expect(bench.steering.store.getState().rows).toMatchObject([{ layer: 3, when: '3:1 > 1' }]);
  expect(saidBy(bench)).toEqual([says, '1 edit of the run left out: of another dictionary.']);

  const blind = fakeLens();
  Object.assign(blind, {
    info: {
      ...blind.info,
      model: 'https://a.example/mini/',
      sites: blind.info.sites.map((site) => ({ ...site, sha256: null })),
    },
  });
  fake = blind;
  await bench.engine.open(atAddress('https://a.example/mini/'), 'auto');
  await settled();
  const unknown = { ...run!, plan: { ...run!.plan, edits: [{ ...edit, sha256: null }] } };
  await bringBack(bench, { ...unknown, model: 'https://a.example/mini' });
  expect(bench.steering.store.getState().rows).toHaveLength(1);
  expect(saidBy(bench)).toEqual(['1 edit of m left out: ids do not carry over between dictionaries.']);
  await bringBack(bench, { ...unknown, model: 'https://b.example/mini' });
  expect(bench.steering.store.getState().rows).toEqual([]);
  expect(saidBy(bench)).toContain('1 edit of the run left out: of another dictionary.');
});

test('a run that failed midway is no run that was stopped', async () => {
  const whole = fake.generate;
  fake.generate = async function* (prompt, options) {
    for await (const step of whole(prompt, options)) {
      yield step;
      throw new InvalidEditError('no such feature');
    }
  };
  bench.steer(3, 12);
  await settled();
  expect(bench.runner.store.getState()).toMatchObject({ status: 'stopped', error: { name: 'InvalidEditError' } });
  expect(bench.runner.store.getState().streams!.baseline).toHaveLength(1);
  expect(kept()).toEqual([]);
});

test('a run over a conversation is kept, and brings the conversation back; on another model its words', async () => {
  const chat: Chat = {
    messages: [
      { role: 'user', content: 'How many?' },
      { role: 'assistant', content: 'one' },
    ],
    open: true,
    ids: [3],
  };
  await bench.show({ chat });
  bench.steer(3, 12);
  await settled();
  const [run] = kept();
  expect(run!.plan.prompt).toEqual(chat);
  await bench.show({ text: 'something else' });
  await bringBack(bench, run!);
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'something else', chat });
  expect(saidBy(bench)).toEqual([]);
  await bringBack(bench, { ...run!, sha256: null });
  expect(bench.tracer.store.getState().chat).toEqual({ messages: chat.messages, open: true });
});
