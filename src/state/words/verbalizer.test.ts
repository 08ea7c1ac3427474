import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../lens/api/errors';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { atAddress } from '../model/model-url';
import { createWorkbench, type Workbench } from '../page/workbench';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import type { VerbalEntry, VerbalRecord } from './record';
import { entryAt, selectSource } from './state';

async function bench(
  text = 'one two three four five six',
): Promise<{ page: Workbench; lens: FakeLens; made: VerbalRecord[] }> {
  const lens = fakeLens();
  const page = createWorkbench(async () => lens, { pause: 0 });
  await page.engine.open(atAddress('fake'), 'auto');
  page.tracer.store.setState({ text });
  await page.tracer.trace();
  const made: VerbalRecord[] = [];
  page.verbal.onRecord((record) => made.push(record));
  return { page, lens, made };
}

const state = (page: Workbench) => page.verbal.store.getState();
const at = (page: Workbench, position: number): VerbalEntry | null => entryAt(state(page).entries, position);
const words = (lens: FakeLens) => lens.calls.filter((call) => call.startsWith('verbalize'));

describe('one token', () => {
  it('asks for no weights and for no words until it is told to', async () => {
    const { page, lens } = await bench();
    expect([state(page).infos, words(lens)]).toEqual([null, []]);
    await page.verbal.need();
    expect(state(page).infos).toHaveLength(3);
    expect(words(lens)).toEqual([]);
  });

  it('is put into words, scored, compared with its controls, and told of once', async () => {
    const { page, made } = await bench();
    page.view.toggleLock(2);
    await page.verbal.verbalize();
    const entry = at(page, 2)!;
    expect(entry.state).toBe('done');
    expect(entry.record).toMatchObject({
      model: 'fake',
      sha256: 'f'.repeat(64),
      source: 'nla',
      layer: 3,
      variance: 0.5,
      target: {
        kind: 'token',
        position: 2,
        token: ' three',
        text: 'one two three four five six',
        span: [7, 13],
        norm: 10,
      },
      options: { seed: 16, temperature: 0.7, maxTokens: 120 },
      controls: { shuffled: { n: 64 } },
    });
    expect(entry.record.samples).toHaveLength(1);
    expect(entry.record.samples[0]).toMatchObject({ done: 'stop', score: { fve: expect.any(Number) } });
    expect(made).toEqual([entry.record]);
    expect([state(page).run, state(page).error]).toEqual([null, null]);
  });

  it('is the last one where none is locked', async () => {
    const { page, lens } = await bench();
    await page.verbal.verbalize();
    expect(words(lens)).toEqual(['verbalize nla [5] x1']);
  });

  it('goes before what is selected where positions are given, such as the ends of turns', async () => {
    const { page, lens } = await bench();
    page.view.toggleLock(1);
    await page.verbal.verbalize([2, 4]);
    expect(words(lens)).toEqual(['verbalize nla [2 4] x1']);
  });

  it('takes as many samples as are asked for, and one where there is no noise', async () => {
    const { page, lens } = await bench();
    page.verbal.set({ samples: 4, seed: 3 });
    await page.verbal.verbalize();
    page.verbal.set({ temperature: 0 });
    await page.verbal.verbalize();
    expect(words(lens)).toEqual(['verbalize nla [5] x4', 'verbalize nla [5] x1']);
    expect(at(page, 5)!.record.options).toMatchObject({ seed: 3, temperature: 0 });
  });

  it('keeps relevancy piece by piece and no score where there is no reconstructor', async () => {
    const { page, lens } = await bench();
    page.verbal.set({ source: 'selfie', temperature: 0.7, layer: 4 });
    await page.verbal.verbalize();
    const [sample] = at(page, 5)!.record.samples;
    expect(at(page, 5)!.record).toMatchObject({ layer: 4, source: 'selfie', controls: null });
    expect(sample!.score).toBe(null);
    expect(sample!.pieces!.map(({ text }) => text).join('')).toBe(sample!.text);
    expect(sample!.pieces![0]).toMatchObject({ relevancy: 0.25 });
    expect(lens.calls.some((call) => call.startsWith('score'))).toBe(false);
  });
});

describe('a selection', () => {
  it('is put into words some at a time, with progress, and each is told of', async () => {
    const { page, lens, made } = await bench();
    page.verbal.set({ samples: 8 });
    page.view.toggleLock(1);
    page.view.select(5, true);
    const seen = new Set<string>();
    page.verbal.store.subscribe(({ run }) => run?.total && seen.add(`${run.done} of ${run.total}`));
    await page.verbal.verbalize();
    expect(words(lens)).toEqual(['verbalize nla [1 2] x8', 'verbalize nla [3 4] x8', 'verbalize nla [5] x8']);
    expect([...seen].at(0)).toBe('0 of 5');
    expect([...seen].at(-1)).toBe('5 of 5');
    expect(new Set(made.map(({ run }) => run)).size).toBe(1);
    expect(new Set(made.map(({ id }) => id)).size).toBe(5);
  });

  it('keeps what is done when it is cancelled, and goes on from there', async () => {
    const { page, lens, made } = await bench();
    page.verbal.set({ samples: 8 });
    page.view.toggleLock(0);
    page.view.select(5, true);
    page.verbal.onRecord(() => made.length === 2 && page.verbal.cancel());
    await page.verbal.verbalize();
    expect(made).toHaveLength(2);
    expect([at(page, 0)!.state, at(page, 1)!.state, at(page, 2), at(page, 4)]).toEqual(['done', 'done', null, null]);
    expect([state(page).run, state(page).error]).toEqual([null, null]);
    lens.calls.length = 0;
    await page.verbal.verbalize();
    expect(words(lens)).toEqual(['verbalize nla [2 3] x8', 'verbalize nla [4 5] x8']);
  });

  it('cancelled while it writes keeps the text as it is, without a score, and tells of nothing', async () => {
    const { page, lens, made } = await bench();
    lens.hold = true;
    const run = page.verbal.verbalize();
    await settled();
    lens.release();
    await settled();
    page.verbal.cancel();
    lens.release();
    await run;
    expect(at(page, 5)).toMatchObject({
      state: 'stopped',
      record: { samples: [{ text: 'English prose.', score: null, done: null }] },
    });
    expect([made, state(page).error]).toEqual([[], null]);
  });
});

describe('what goes wrong', () => {
  it('stands beside what is kept', async () => {
    const { page, lens, made } = await bench();
    page.view.toggleLock(0);
    await page.verbal.verbalize();
    lens.verbalize = () => {
      throw new CorruptFileError('value_head.safetensors is cut off.');
    };
    page.view.select(1, false);
    await page.verbal.verbalize();
    expect(state(page).error).toMatchObject({ name: 'CorruptFileError' });
    expect([at(page, 0)!.state, at(page, 1)!.state, made.length]).toEqual(['done', 'stopped', 1]);
  });

  it('a score that fails loses no words', async () => {
    const { page, lens } = await bench();
    lens.score = (async () => {
      throw new CorruptFileError('No head.');
    }) as FakeLens['score'];
    await page.verbal.verbalize();
    expect(at(page, 5)).toMatchObject({ state: 'stopped', record: { samples: [{ done: 'stop' }] } });
    expect(at(page, 5)!.record.samples[0]!.text).toContain('“ two”');
  });
});

describe('another text', () => {
  it('keeps the words of the tokens that it begins with too, and no others', async () => {
    const { page } = await bench('one two three');
    page.view.toggleLock(0);
    page.view.select(2, true);
    await page.verbal.verbalize();
    page.tracer.store.setState({ text: 'one two others' });
    await page.tracer.trace();
    expect([at(page, 0)?.state, at(page, 1)?.state, at(page, 2)]).toEqual(['done', 'done', null]);
    expect(at(page, 1)!.record.target).toMatchObject({ text: 'one two others', span: [3, 7] });
  });

  it('ends the run of the one before', async () => {
    const { page, lens, made } = await bench('one two three');
    lens.hold = true;
    const run = page.verbal.verbalize();
    await settled();
    lens.hold = false;
    page.tracer.store.setState({ text: 'other words' });
    await page.tracer.trace();
    lens.release();
    await run;
    expect([state(page).entries.size, state(page).run, made]).toEqual([0, null, []]);
  });
});

it('draws nothing of a run whose text is gone', async () => {
  const { page, lens } = await bench('one two three');
  lens.hold = true;
  const run = page.verbal.verbalize();
  for (let step = 0; step < 2; step++) {
    await settled();
    lens.release();
  }
  await settled();
  // The second token waits to be drawn.
  lens.hold = false;
  page.tracer.store.setState({ text: 'other words' });
  await page.tracer.trace();
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(state(page).entries.size).toBe(0);
  lens.release();
  await run;
  expect(state(page).entries.size).toBe(0);
});

it('asks for other tokens’ words where the pair brings no control of its own', async () => {
  const { page, lens } = await bench();
  const asked: (readonly string[] | undefined)[] = [];
  const controls = lens.controls;
  lens.controls = async (target, position, options) => {
    asked.push(options?.others);
    const own = await controls(target, position, options);
    return options?.others ? own : { ...own, shuffled: null };
  };
  page.view.toggleLock(0);
  page.view.select(3, true);
  await page.verbal.verbalize();
  expect(at(page, 3)!.record.controls!.shuffled).toBe(null);
  page.view.select(5, false);
  await page.verbal.verbalize();
  expect(asked.at(-1)).toHaveLength(4);
  expect(at(page, 5)!.record.controls!.shuffled!.n).toBe(4);
});

it('puts a decoder row into words, beside those of the tokens', async () => {
  const { page, lens } = await bench();
  await page.verbal.verbalizeRow(3, 12);
  expect(words(lens)).toEqual(['verbalize nla [] x1']);
  expect(state(page).entries.get('d:3:12')).toMatchObject({
    state: 'done',
    record: { target: { kind: 'decoder', layer: 3, feature: 12 }, layer: 3 },
  });
  expect(lens.calls).toContain('score 1 at undefined');
  expect(lens.calls).toContain('row at 3, norm 1');
});

it('brings a decoder row to the median norm of its site where the source puts it in as it is', async () => {
  const { page, lens } = await bench();
  page.verbal.set({ source: 'patchscopes' });
  await page.verbal.verbalizeRow(3, 12);
  expect(lens.calls).toContain('row at 3, norm 10');
});

it('keeps why the trained pair is left out', async () => {
  const { page, lens } = await bench();
  lens.sources = lens.sources.slice(1);
  lens.notice = 'It is damaged.';
  await page.verbal.need();
  expect([state(page).notice, selectSource(state(page))?.source]).toEqual(['It is damaged.', 'selfie']);
});

describe('a kept verbalization', () => {
  it('brings the page to its text, locks its token, and shows its words', async () => {
    const { page, made } = await bench('one two three');
    page.view.toggleLock(1);
    await page.verbal.verbalize();
    page.tracer.store.setState({ text: 'something else' });
    await page.tracer.trace();
    expect(at(page, 1)).toBe(null);
    expect(await page.verbal.show(made[0]!)).toBe(true);
    expect(page.tracer.store.getState().reading!.text).toBe('one two three');
    expect(page.view.store.getState()).toMatchObject({ locked: 1, site: 3, tab: 'words', words: 'words' });
    expect(at(page, 1)).toMatchObject({ state: 'done', foreign: false, record: { id: made[0]!.id } });
  });

  it('of another model is shown as such, of an unknown text not at all', async () => {
    const { page, made } = await bench('one two three');
    await page.verbal.verbalize();
    const [record] = made;
    expect(await page.verbal.show({ ...record!, sha256: 'e'.repeat(64) })).toBe(true);
    expect(at(page, 2)!.foreign).toBe(true);
    expect(
      await page.verbal.show({ ...record!, target: { ...record!.target, text: null } as VerbalRecord['target'] }),
    ).toBe(false);
  });
});

it('forgets words and sources with the model, and asks anew', async () => {
  const { page, lens } = await bench();
  await page.verbal.verbalize();
  lens.sources = [{ ...lens.sources[1]! } as VerbalizerInfo];
  await page.engine.open(atAddress('another'), 'auto');
  await settled();
  expect(state(page).infos).toBe(null);
  await page.verbal.need();
  expect(selectSource(state(page))?.source).toBe('selfie');
});
