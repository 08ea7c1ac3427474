import { expect, it } from 'vitest';
import { atAddress } from '../model/model-url';
import { createWorkbench, type Workbench } from '../page/workbench';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { left, selectDraft } from './draft';
import type { Drafts } from './drafts';
import type { RecordedAnswers } from './record';
import { entryAt } from './state';

/** A page whose last token has its words, looked at. The fake's scores grow with the number of words. */
const textOf = ({ store }: Drafts) => {
  const draft = selectDraft(store.getState());
  return draft && left(draft);
};

async function looked(): Promise<{ page: Workbench; lens: FakeLens; drafts: Drafts }> {
  const lens = fakeLens();
  const page = createWorkbench(async () => lens, { pause: 0 });
  await page.engine.open(atAddress('fake'), 'auto');
  page.tracer.store.setState({ text: 'one two three' });
  await page.tracer.trace();
  await page.verbal.verbalize();
  const { drafts } = page.verbal;
  drafts.look(entryAt(page.verbal.store.getState().entries, 2)!.record, 0);
  await settled();
  return { page, lens, drafts };
}

it('scores the text as it is typed: the newest wins, and the own text asks for nothing', async () => {
  const { lens, drafts } = await looked();
  expect(drafts.score.store.getState().key).toBe(null);
  lens.hold = true;
  for (const text of ['a', 'a b', 'a b c', 'a b c d']) drafts.type(text);
  lens.hold = false;
  lens.calls.length = 0;
  lens.release();
  await settled();
  const { value, key, answered } = drafts.score.store.getState();
  expect(key).toBe(answered);
  expect(value!.error).toBeCloseTo(1 / 5);
  // The first was under way; of those that waited only the newest was scored.
  expect(lens.calls.filter((call) => call === 'score 1 at 2')).toHaveLength(1);
  drafts.revert();
  expect(drafts.score.store.getState().value).toBe(null);
});

it('shows the score of an earlier text while a hand that does not rest types on', async () => {
  const { lens, drafts } = await looked();
  lens.hold = true;
  drafts.type('a b');
  await settled();
  drafts.type('a b c');
  lens.release();
  await settled();
  const { value, key, answered } = drafts.score.store.getState();
  expect(value!.error).toBeCloseTo(1 / 3);
  expect(key).not.toBe(answered);
  lens.hold = false;
  lens.release();
  await settled();
  expect(drafts.score.store.getState().value!.error).toBeCloseTo(1 / 4);
});

it('scores the whole and every text with one claim left out in one batch', async () => {
  const { lens, drafts } = await looked();
  expect(lens.calls).toContain('score 4 at 2');
  const { value } = drafts.claims.store.getState();
  expect(value!.without).toHaveLength(3);
  for (const without of value!.without) expect(without.fve!).toBeLessThan(value!.whole.fve!);
});

it('leaves claims out and takes them back; the rest is what is scored', async () => {
  const { drafts } = await looked();
  const whole = textOf(drafts);
  drafts.drop('English prose.', true);
  expect(textOf(drafts)).toBe('The words are “ one”.\n\nThe token is “ two”.');
  await settled();
  expect(drafts.score.store.getState().value!.error).toBeCloseTo(1 / 11);
  drafts.drop('English prose.', false);
  expect(textOf(drafts)).toBe(whole);
  expect(drafts.store.getState().drafts.size).toBe(0);
});

it('keeps what was made of a sample while another is looked at', async () => {
  const { page, drafts } = await looked();
  const { record } = drafts.store.getState();
  drafts.type('mine');
  drafts.look(null, 0);
  expect(textOf(drafts)).toBe(null);
  expect(drafts.score.store.getState().value).toBe(null);
  drafts.look(record, 0);
  expect(textOf(drafts)).toBe('mine');
  page.dispose();
});

it('asks which features the text names only where that is looked at, at the token’s norm', async () => {
  const { lens, drafts } = await looked();
  const norms: number[] = [];
  const encode = lens.encode;
  lens.encode = async (layer, vectors) => {
    norms.push(Math.hypot(...vectors[0]!));
    return encode(layer, vectors);
  };
  expect(lens.calls.some((call) => call.startsWith('reconstruct'))).toBe(false);
  drafts.open('features', true);
  await settled();
  expect(norms).toEqual([10]);
  expect(drafts.features.store.getState().value!.ids.length).toBe(2);
});

it('scores the words of a decoder row against that row', async () => {
  const { page, lens, drafts } = await looked();
  await page.verbal.verbalizeRow(3, 12);
  lens.calls.length = 0;
  drafts.look(page.verbal.store.getState().entries.get('d:3:12')!.record, 0);
  drafts.type('a label');
  await settled();
  expect(lens.calls).toContain('score 1 at undefined');
});

it('takes what came with the record for its first sample alone', async () => {
  const { page, drafts } = await looked();
  const { record } = entryAt(page.verbal.store.getState().entries, 2)!;
  const two = { ...record, samples: [record.samples[0]!, record.samples[0]!] };
  const recorded = { claims: { whole: record.samples[0]!.score!, without: [] } };
  drafts.look(two, 0, recorded as unknown as RecordedAnswers);
  expect(drafts.claims.store.getState().value).toBe(recorded.claims);
  drafts.look(two, 1, recorded as unknown as RecordedAnswers);
  await settled();
  expect(drafts.store.getState().recorded).toBeNull();
  expect(drafts.claims.store.getState().value).not.toBe(recorded.claims);
});
