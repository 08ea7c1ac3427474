import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeviceLostError, InvalidEditError } from '../../lens/api/errors';
import { atAddress } from '../model/model-url';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy } from '../testing/workbench';
import { applyLink, currentLink } from './link';
import { selectShownFeature } from './selectors';
import { createWorkbench, type Workbench } from './workbench';

let fake: FakeLens;
let bench: Workbench;

beforeEach(() => {
  fake = fakeLens();
  bench = createWorkbench(async () => fake, { pause: 0, recover: 0 });
});
afterEach(() => bench.dispose());

const called = (what: string) => fake.calls.filter((call) => call.startsWith(what));

async function open(hash = '') {
  applyLink(bench, hash, 'the old man');
  await bench.engine.open(atAddress('m/'), 'auto');
  await settled();
}

test('opening traces the text and asks for the words of the last token and for the strongest feature', async () => {
  await open();
  expect(bench.tracer.store.getState().reading!.chips.map((c) => c.text)).toEqual(['the', ' old', ' man']);
  expect(bench.words.store.getState().value!.lens[0]!.text).toBe('lens 3 2');
  expect(selectShownFeature(bench.page.getState())).toBe(12);
  expect(called('feature')).toEqual(['feature 3:12']);
  expect(called('generate')).toEqual([]);
  expect(bench.engine.store.getState().busy).toBe(0);
});

test('a storm of 200 slider events leaves one preview after the first and, on release, exactly one run', async () => {
  await open();
  bench.steering.add(3, 12);
  await settled();
  fake.calls.length = 0;
  fake.hold = true;
  for (let i = 1; i <= 200; i++) bench.edit(1, { weight: (i % 60) / 20 });
  bench.commit();
  bench.commit();
  for (let i = 0; i < 10; i++) {
    fake.release();
    await settled();
  }
  expect(called('preview')).toEqual(['preview 0.5', 'preview 10']);
  expect(called('generate')).toEqual(['generate the old man [none 10 10]']);
  expect(called('band').length).toBe(1);
  expect(bench.preview.store.getState().value!.moved[0]!.edited).toBe(10);
  expect(bench.runner.store.getState()).toMatchObject({ status: 'done', stale: false });
});

test('a stale frame is never painted: steps of an overtaken run that come late change nothing', async () => {
  await open();
  fake.hold = true;
  bench.steer(3, 12);
  await settled();
  fake.release();
  await settled();
  const before = bench.runner.store.getState().streams;
  expect(before!.steered!.length).toBe(1);
  bench.edit(1, { weight: 2 });
  fake.release();
  await settled();
  expect(bench.runner.store.getState().streams).toBe(before);
  expect(bench.runner.store.getState().stale).toBe(true);
});

test('moving the slider away and back brings the complete run back without a second one', async () => {
  await open();
  bench.steer(3, 12);
  await settled();
  bench.edit(1, { weight: 2 });
  expect(bench.runner.store.getState().stale).toBe(true);
  bench.edit(1, { weight: 1 });
  bench.commit();
  await settled();
  expect(called('generate').length).toBe(1);
  expect(bench.runner.store.getState().stale).toBe(false);
});

test('held keys run once, when they rest', async () => {
  await open();
  bench.steering.add(3, 12);
  for (let i = 0; i < 5; i++) {
    bench.edit(1, { weight: 1 + i / 20 });
    bench.commit(10);
  }
  expect(bench.engine.store.getState().busy).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(called('generate')).toEqual(['generate the old man [none 12 12]']);
});

test('without edits a run is the baseline alone, without control or band', async () => {
  await open();
  await bench.generate();
  expect(called('generate')).toEqual(['generate the old man [none]']);
  expect(called('band')).toEqual([]);
  expect(bench.runner.store.getState().streams).toMatchObject({ steered: null, control: null });
});

test('typing traces the last text only and disposes the old trace', async () => {
  await open();
  bench.tracer.type('the new');
  bench.tracer.type('the new man');
  await settled();
  await settled();
  expect(called('trace')).toEqual(['trace the old man', 'trace the new man']);
  expect(called('dispose')).toEqual(['dispose the old man']);
});

test('a lost device is opened again by itself, with text, reading and edits; lost again at once, it waits for the reader', async () => {
  await open();
  bench.steer(3, 12);
  await settled();
  const first = fake;
  fake = fakeLens();
  first.lose('at token 31');
  await Promise.resolve();
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'the old man', trace: null });
  await settled();
  await settled();
  expect(bench.engine.store.getState()).toMatchObject({
    phase: 'ready',
    lens: fake,
    recovered: 'The GPU device was lost (at token 31).',
  });
  expect(bench.steering.store.getState().rows.length).toBe(1);
  expect([called('trace'), called('preview').length]).toEqual([['trace the old man'], 1]);

  fake.lose('again');
  await settled();
  expect(bench.engine.store.getState()).toMatchObject({
    phase: 'lost',
    lens: null,
    error: { name: 'DeviceLostError', message: 'The GPU device was lost (again).' },
  });
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'the old man', trace: null });
  expect(bench.tracer.store.getState().reading).not.toBeNull();
  fake = fakeLens();
  await bench.engine.restart();
  await settled();
  expect(bench.engine.store.getState().phase).toBe('ready');
  expect([called('trace'), called('preview').length]).toEqual([['trace the old man'], 1]);
});

test('a device lost during a run is said once, by the page, and not left in the region', async () => {
  await open();
  fake.generate = () => {
    fake = fakeLens();
    throw new DeviceLostError('gone');
  };
  bench.steer(3, 12);
  await settled();
  await settled();
  expect(bench.engine.store.getState()).toMatchObject({ phase: 'ready', recovered: 'gone' });
  expect(bench.runner.store.getState().error).toBeNull();
});

test('another layer’s dictionary keeps the text; edits of the other stay, and do nothing until theirs is open again', async () => {
  fake = Object.assign(fake, { info: { ...fake.info, sites: fake.info.sites.slice(0, 1) } });
  await open();
  bench.steer(3, 12);
  bench.view.set({ locked: 1 });
  await settled();
  await bench.openLayer(4);
  await settled();
  expect(bench.view.store.getState()).toMatchObject({ site: 4, locked: 1, left: null });
  expect(bench.tracer.store.getState().reading!.sites).toHaveProperty('4');
  expect(bench.steering.store.getState().rows).toMatchObject([{ layer: 3, feature: 12, closed: true }]);
  expect(saidBy(bench)).toEqual([]);
  fake = fake.successor!;
  bench.steer(4, 12);
  await settled();
  expect(called('preview').at(-1)).toBe('preview 10');
  // Undo brings the rows of an earlier time back, and they are marked by what is open now.
  bench.steering.replace(bench.steering.store.getState().rows.map(({ closed: _mark, ...row }) => row));
  expect(bench.steering.store.getState().rows).toMatchObject([{ layer: 3, closed: true }, { layer: 4 }]);
  bench.history.hold()(); // the step is over
  await bench.openLayer(3);
  await settled();
  expect(bench.steering.store.getState().rows.map(({ closed }) => closed)).toEqual([undefined, true]);
  // What is open is no step of the reader's: the first one back is before the edits.
  bench.undo();
  expect(bench.steering.store.getState().rows).toEqual([]);
});

test('another model in the same page keeps the text, and nothing that was read, run or edited', async () => {
  await open();
  bench.steer(3, 12);
  await settled();
  fake = fakeLens();
  const opening = bench.engine.open(atAddress('n/'), 'auto');
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'the old man', reading: null, seen: {} });
  expect(bench.runner.store.getState().streams).toBeNull();
  await opening;
  await settled();
  expect(bench.steering.store.getState().rows).toEqual([]);
  expect(saidBy(bench)).toEqual(['1 edit of m left out: ids do not carry over between dictionaries.']);
  expect(called('trace')).toEqual(['trace the old man']);
});

test('any other failure of a run is shown where it happened', async () => {
  await open();
  fake.generate = () => {
    throw new InvalidEditError('no such feature');
  };
  bench.steer(3, 12);
  await settled();
  expect(bench.engine.store.getState().phase).toBe('ready');
  expect(bench.runner.store.getState()).toMatchObject({ status: 'stopped', error: { name: 'InvalidEditError' } });
});

test('a link restores the view, and the view makes the same link', async () => {
  const hash = 'p=a+b+c+d&s=4&t=2&f=7&c=fvu&e=4:7a1.5,3:9k0.5x&g=0,0.95,16,48&k=0';
  await open(hash);
  expect(bench.view.store.getState()).toMatchObject({ site: 4, locked: 2, feature: 7, colour: 'fvu' });
  expect(called('generate')).toEqual(['generate a b c d [none 15]']);
  expect(currentLink(bench)).toBe(hash);
});

test('what a link asks for and the model does not have is dropped', async () => {
  await open('s=9&t=99&f=7&e=3:51a1,4:2a1');
  expect(bench.view.store.getState()).toMatchObject({ site: 3, locked: null, feature: null });
  expect(bench.steering.store.getState().rows.map((r) => `${r.layer}:${r.feature}`)).toEqual(['4:2']);
});

test('another site keeps text and token and drops the feature', async () => {
  await open('t=1&f=7');
  bench.view.chooseSite(4);
  await settled();
  expect(bench.view.store.getState()).toMatchObject({ site: 4, locked: 1, feature: null });
  expect(bench.words.store.getState().value!.lens[0]!.text).toBe('lens 4 1');
});

test('the last edit taken to 0 or away runs the baseline alone, once a run is on show', async () => {
  await open();
  bench.steering.add(3, 12);
  bench.edit(1, { weight: 0 });
  bench.commit();
  await settled();
  expect(called('generate')).toEqual([]);
  bench.edit(1, { weight: 1 });
  bench.commit();
  await settled();
  bench.edit(1, { weight: 0 });
  bench.commit();
  await settled();
  expect(called('generate')).toEqual(['generate the old man [none 10 10]', 'generate the old man [none]']);
  expect(bench.runner.store.getState()).toMatchObject({
    status: 'done',
    stale: false,
    streams: { steered: null, control: null },
  });
  bench.steering.remove(1);
  bench.commit();
  bench.steering.redraw();
  bench.commit();
  await settled();
  expect(called('generate').length).toBe(2);
  expect(bench.runner.store.getState().stale).toBe(false);
});

test('a stop also ends the commit that waits, and so does the next change under the hand', async () => {
  await open();
  bench.steering.add(3, 12);
  bench.commit(10);
  bench.stop();
  await new Promise((resolve) => setTimeout(resolve, 30));
  bench.commit(10);
  bench.edit(1, { weight: 2 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(called('generate')).toEqual([]);
  expect(bench.engine.store.getState().busy).toBe(0);
});

test('a feature beyond the last row runs nothing', async () => {
  await open();
  for (let i = 0; i < 16; i++) bench.steering.add(3, i);
  bench.steer(3, 30);
  await settled();
  expect(bench.steering.store.getState().rows.length).toBe(16);
  expect(called('generate')).toEqual([]);
});

test('the speed leaves the step out that holds the prompt, and one step gives none', async () => {
  await open();
  let steps = 3;
  const whole = fake.generate;
  fake.generate = async function* (prompt, options) {
    let i = 0;
    for await (const step of whole(prompt, options)) if (i < steps) yield { ...step, ms: i++ === 0 ? 1000 : 20 };
  };
  await bench.generate();
  expect(bench.engine.store.getState().speed).toEqual({ perSecond: 50, rows: 1 });
  steps = 1;
  await bench.generate();
  expect(bench.engine.store.getState().speed).toBeNull();
});

const told = { tokens: { written: 1, arithmetic: 1, heldOut: 1 }, labelRule: 'a rule' };
const rate = { rate: 0.5, low: 0.4, high: 0.6, n: 100 };

/** The fake's first site with feature data, and an effect on it. */
function tell() {
  const { info } = fake;
  const effect = {
    name: 'e',
    title: 'E',
    shipped: true,
    prompt: 'another text',
    chat: false,
    edit: { layer: 4, feature: 7, mode: 'add' as const, strength: 15 },
    maxTokens: 20,
    rates: { baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate },
    claim: 'c',
  };
  Object.assign(fake, {
    info: {
      ...info,
      effects: [effect],
      sites: info.sites.map((site) => (site.layer === 3 ? { ...site, features: told } : site)),
    },
  });
  return effect;
}

test('a site with feature data is asked once for its labels, and for the shown feature’s snippets; one without is not', async () => {
  tell();
  await open();
  expect(called('labels')).toEqual(['labels 3']);
  expect(called('snippets')).toEqual(['snippets 3:12']);
  expect(bench.labels.store.getState().sites[3]!.labels[12]).toBe('label 3:12');
  expect(bench.snippets.store.getState().value![0]!.tokens[0]!.text).toBe('at 12');
  bench.showFeature(4, 7);
  await settled();
  expect(bench.view.store.getState()).toMatchObject({ site: 4, feature: 7, colour: 'feature' });
  expect(called('feature').at(-1)).toBe('feature 4:7');
  expect(bench.snippets.store.getState().value).toBeNull();
  bench.showFeature(3, 20);
  await settled();
  expect(called('labels')).toEqual(['labels 3']);
  expect(called('snippets').at(-1)).toBe('snippets 3:20');
});

test('labels that cannot be read leave the page as it is, and are asked for again', async () => {
  tell();
  const { labels } = fake;
  fake.labels = async () => {
    throw new InvalidEditError('damaged');
  };
  await open();
  expect(bench.labels.store.getState().sites).toEqual({});
  fake.labels = labels;
  await bench.labels.need(3);
  expect(Object.keys(bench.labels.store.getState().sites)).toEqual(['3']);
});

test('an effect brings its text, its edit and its sampling, and runs once', async () => {
  const effect = tell();
  await open();
  bench.steering.add(3, 12);
  await settled();
  fake.calls.length = 0;
  await bench.showEffect(effect);
  await settled();
  expect(bench.tracer.store.getState().text).toBe('another text');
  expect(bench.steering.store.getState().rows).toMatchObject([{ layer: 4, feature: 7, weight: 1.5 }]);
  expect(bench.sampling.getState()).toMatchObject({ maxTokens: 20, seed: 16 });
  expect(bench.view.store.getState()).toMatchObject({ site: 4, feature: 7 });
  expect(called('trace')).toEqual(['trace another text']);
  expect(called('generate')).toEqual(['generate another text [none 15 15]']);
});
