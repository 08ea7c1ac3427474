import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { branchName, openBranchesDb } from '../chat/branches';
import { atAddress } from '../model/model-url';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy } from '../testing/workbench';
import { createWorkbench, type Workbench } from './workbench';

let fake: FakeLens;
let bench: Workbench;
let databases = 0;

async function start(name = `chats ${++databases}`) {
  fake = fakeLens();
  fake.info.chat = true;
  bench = createWorkbench(async () => fake, { pause: 0, recover: 0, openBranches: () => openBranchesDb(name) });
  await bench.engine.open(atAddress('m/'), 'auto');
}
beforeEach(() => start());
afterEach(() => bench.dispose());

const chat = (): Chat | null => bench.tracer.store.getState().chat;
const turns = () => chat()?.messages.map(({ role, content }) => `${role} ${content}`) ?? null;
const generated = () => fake.calls.filter((call) => call.startsWith('generate'));
const kept = () => bench.chat.branches.store.getState().list;

/** A conversation with its run: baseline, steered, control of the words " 0 1 2" each. */
async function answered(text = 'How many?') {
  bench.tracer.store.setState({ text });
  await bench.chat.open();
  bench.steering.add(3, 7);
  await bench.generate();
}

test('the text becomes the first user’s turn; the conversation waits while the text is on show', async () => {
  bench.tracer.store.setState({ text: 'one two' });
  await bench.chat.open();
  expect(turns()).toEqual(['user one two']);
  await bench.chat.step(({ messages }) => ({ messages: [...messages, { role: 'assistant', content: 'three' }] }));
  await bench.chat.leave();
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'one two', chat: null, reading: { text: 'one two' } });
  await bench.chat.open();
  expect(turns()).toEqual(['user one two', 'assistant three']);
  expect(bench.tracer.store.getState().text).toBe('one two');
});

test('a conversation that comes back from behind the text has its answers still', async () => {
  await answered();
  await bench.chat.leave();
  expect(bench.runner.store.getState().stale).toBe(true);
  const runs = generated().length;
  await bench.chat.open();
  expect(bench.runner.store.getState().stale).toBe(false);
  expect(generated().length).toBe(runs);
});

test('what the user says is a turn, traced and answered; without words, or before an answer, nothing', async () => {
  await bench.chat.open();
  bench.chat.setDraft('How many?');
  await bench.chat.send('How many?');
  expect(turns()).toEqual(['user How many?']);
  expect(bench.chat.store.getState().draft).toBe('');
  expect(generated()).toEqual(['generate user How many? [none]']);
  await bench.chat.send('And now?');
  await bench.chat.send(' \n');
  expect(turns()).toEqual(['user How many?']);
});

test.each(['baseline', 'steered', 'control'] as const)(
  'the %s text is kept as the turn, and gone on with',
  async (kind) => {
    await answered();
    await bench.chat.keep(kind);
    expect(turns()).toEqual(['user How many?', 'assistant  0 1 2']);
    expect(generated()).toHaveLength(1);
    expect(bench.tracer.store.getState().reading?.text).toBe('user How many?\nassistant  0 1 2');
    await bench.chat.send('And now?');
    expect(turns()).toEqual(['user How many?', 'assistant  0 1 2', 'user And now?']);
    expect(generated()).toHaveLength(2);
    bench.undo();
    bench.undo();
    expect(turns()).toEqual(['user How many?']);
  },
);

test('up to a token it is kept with that token', async () => {
  await answered();
  await bench.chat.keep('steered', 1);
  expect(turns()).toEqual(['user How many?', 'assistant  0 1']);
});

test('nothing is generated behind a whole answer, by hand or by a change of an edit', async () => {
  await answered();
  await bench.chat.keep('baseline');
  const before = generated().length;
  await bench.generate();
  bench.setSampling({ seed: 4 });
  bench.commit();
  await settled();
  expect(generated()).toHaveLength(before);
  expect(bench.runner.store.getState().error).toBeNull();
});

test('a kept answer is gone on with by its exact tokens, until its words are changed', async () => {
  await answered();
  await bench.chat.keep('steered');
  await bench.chat.goOn();
  expect(chat()).toMatchObject({ open: true, ids: [1, 2, 3] });
  expect(generated().at(-1)).toContain('assistant  0 1 2');
  await bench.chat.keep('baseline');
  expect(turns()!.at(-1)).toBe('assistant  0 1 2 0 1 2');
  await bench.chat.step((now) => ({ ...now, messages: now.messages.with(1, { role: 'assistant', content: 'other' }) }));
  await bench.chat.goOn();
  expect(chat()).toEqual({
    messages: [
      { role: 'user', content: 'How many?' },
      { role: 'assistant', content: 'other' },
    ],
    open: true,
  });
});

test('reroll runs the same with the next seed', async () => {
  await answered();
  const { seed } = bench.sampling.getState();
  await bench.chat.reroll();
  expect(bench.runner.store.getState().plan?.sampling.seed).toBe(seed + 1);
});

test('from an alternative a branch goes on with the exact tokens; the conversation is kept and returned to', async () => {
  await answered();
  await bench.chat.branch({ stream: 'steered', index: 1 }, { id: 77, text: ' five', logprob: -1 });
  expect(turns()).toEqual(['user How many?', 'assistant  0 five']);
  expect(chat()).toMatchObject({ open: true, ids: [1, 77] });
  expect(generated().at(-1)).toContain('assistant  0 five');
  expect(kept().map(({ from }) => from)).toEqual(
    expect.arrayContaining([null, { turn: 1, token: 2, position: null, was: ' 1', now: ' five' }]),
  );
  const [off, first] = [...kept()].sort((a) => (a.from ? -1 : 1));
  expect(bench.chat.store.getState().shown).toBe(off!.id);
  expect(branchName(first!)).toBe('How many?');

  // What is done on a branch is done to it alone.
  await bench.chat.keep('baseline');
  await bench.chat.back(first!.id);
  expect(turns()).toEqual(['user How many?']);
  expect(bench.chat.store.getState().shown).toBe(first!.id);
  await bench.chat.back(off!.id);
  expect(turns()).toEqual(['user How many?', 'assistant  0 five 0 1 2']);
  expect(kept()).toHaveLength(2);
});

test('undo of a branch shows the conversation that it left, and changes neither', async () => {
  await answered();
  await bench.chat.branch({ stream: 'baseline', index: 0 }, { id: 77, text: 'x', logprob: -1 });
  const of = (from: boolean) => kept().find((each) => (each.from !== null) === from)!;
  bench.undo();
  expect(turns()).toEqual(['user How many?']);
  expect(bench.chat.store.getState().shown).toBe(of(false).id);
  expect(of(true).chat.messages).toHaveLength(2);
  bench.redo();
  expect(bench.chat.store.getState().shown).toBe(of(true).id);
});

test('a conversation from elsewhere is no branch on show, and the one before is kept', async () => {
  await answered();
  await bench.chat.bring({ messages: [{ role: 'user', content: 'From a file' }] });
  expect(bench.chat.store.getState().shown).toBeNull();
  expect(kept().map((each) => branchName(each))).toEqual(['How many?']);
  await bench.chat.anew();
  expect(turns()).toEqual(['user ']);
  expect(
    kept()
      .map((each) => branchName(each))
      .sort(),
  ).toEqual(['From a file', 'How many?']);
});

test('what a kept run or a link brings is not written over the branch on show; undo shows the branch again', async () => {
  await answered();
  bench.chat.hold();
  const [first] = kept();
  await bench.show({ chat: { messages: [{ role: 'user', content: 'From a run' }] } });
  expect(bench.chat.store.getState().shown).toBeNull();
  expect(kept()).toEqual([first]);
  bench.undo();
  expect(bench.chat.store.getState().shown).toBe(first!.id);
  bench.chat.change((now) => ({ ...now, messages: [{ role: 'user', content: 'Written on' }] }));
  // What undo replaced is kept too.
  expect(
    kept()
      .map((each) => branchName(each))
      .sort(),
  ).toEqual(['From a run', 'Written on']);
});

test('branches survive the page, and are found again by the conversation on show', async () => {
  await answered();
  bench.chat.hold();
  await bench.chat.branches.need();
  await bench.chat.branches.flush();
  const before = chat()!;
  const name = `chats ${databases}`;
  bench.dispose();
  await settled();
  await start(name);
  bench.tracer.store.setState({ chat: { ...before } });
  await bench.chat.branches.need();
  await settled();
  expect(kept()).toHaveLength(1);
  expect(bench.chat.store.getState().shown).toBe(kept()[0]!.id);
});

test('in a plain text an alternative takes the token’s place, and the text goes on', async () => {
  bench.tracer.store.setState({ text: 'one two three' });
  await bench.tracer.trace();
  await bench.chat.branch({ position: 1 }, { id: 9, text: ' five', logprob: -1 });
  expect(bench.tracer.store.getState().text).toBe('one five');
  expect(generated().at(-1)).toBe('generate one five [none]');
});

test('a token that is not the assistant’s begins no branch', async () => {
  await answered();
  const before = chat();
  await bench.chat.branch({ position: 0 }, { id: 9, text: ' five', logprob: -1 });
  expect(chat()).toBe(before);
  expect(saidBy(bench)[0]).toContain('A branch begins at a word of the assistant’s');
});

test('a new conversation thinks, and is written by the template, as the one before', async () => {
  await answered();
  await bench.chat.step((now) => ({ ...now, thinking: true, template: 'tools' }));
  await bench.chat.anew();
  expect(chat()).toEqual({ messages: [{ role: 'user', content: '' }], thinking: true, template: 'tools' });
});
