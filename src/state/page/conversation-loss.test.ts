import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { createBranches, openBranchesDb } from '../chat/branches';
import { withContent } from '../chat/turns';
import { atAddress } from '../model/model-url';
import { openNotebookDb } from '../notebook/db';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy } from '../testing/workbench';
import { createWorkbench, type Workbench } from './workbench';

/** Ways in which a conversation could be lost. */

let databases = 0;
const open: Workbench[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.dispose();
});

async function start(name = `losses ${++databases}`) {
  const fake = fakeLens();
  fake.info.chat = true;
  const bench = createWorkbench(async () => fake, {
    pause: 0,
    recover: 0,
    openBranches: () => openBranchesDb(name),
    openNotebook: () => openNotebookDb(`notes ${name}`),
  });
  open.push(bench);
  await bench.engine.open(atAddress('m/'), 'auto');
  await bench.chat.branches.need();
  return { ...handsOn(bench, fake), name };
}

const said = (...contents: string[]): Chat => ({
  messages: contents.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content })),
});
const contents = (chat: Chat | null) => chat?.messages.map(({ content }) => content).join(' | ') ?? null;

function handsOn(bench: Workbench, fake: FakeLens) {
  const { chat } = bench;
  const kept = () => chat.branches.store.getState().list;
  return {
    bench,
    fake,
    chat,
    now: () => contents(bench.tracer.store.getState().chat),
    shown: () => chat.store.getState().shown,
    kept: () =>
      kept()
        .map((each) => contents(each.chat))
        .sort(),
    idOf: (words: string) => kept().find((each) => contents(each.chat) === words)!.id,
    type: (content: string, turn = 0) => chat.change((now) => withContent(now, turn, content)),
    /** A conversation from elsewhere, such as a link. */
    come: (...words: string[]) => bench.tracer.store.setState({ chat: said(...words) }),
  };
}

test('an answer of a run on another branch is kept as a branch of its own', async () => {
  const { bench, chat, come, now, kept, idOf, shown } = await start();
  come('B', 'B answer');
  chat.hold();
  await chat.bring(said('A question'));
  chat.hold();
  await bench.generate();
  const b = idOf('B | B answer');
  await chat.back(b);
  await chat.keep('baseline');
  expect(now()).toBe('A question |  0 1 2');
  expect(kept()).toEqual(['A question', 'A question |  0 1 2', 'B | B answer']);
  expect(shown()).toBe(idOf('A question |  0 1 2'));
});

test('an answer to a question that was changed since stands beside the changed one', async () => {
  const { bench, chat, come, now, type, kept } = await start();
  come('q');
  await bench.generate();
  type('q, edited since');
  await chat.keep('baseline');
  expect(now()).toBe('q |  0 1 2');
  expect(kept()).toEqual(['q |  0 1 2', 'q, edited since']);
});

test('words that are typed while a begun answer is read are not lost with it', async () => {
  const { bench, chat, fake, now, type, kept } = await start();
  bench.tracer.store.setState({ chat: { ...said('q', 'begun'), open: true } });
  await bench.generate();
  let read = () => {};
  const reading = new Promise<void>((resolve) => {
    read = resolve;
  });
  const { tokenize } = fake;
  fake.tokenize = (prompt) => reading.then(() => tokenize(prompt));
  const keeping = chat.keep('baseline');
  type('q, edited meanwhile');
  read();
  await keeping;
  expect(now()).toBe('q | begun 0 1 2');
  expect(kept()).toEqual(['q | begun 0 1 2', 'q, edited meanwhile | begun']);
});

test('to type the words of a branch is not to write in it, nor to send or keep them', async () => {
  const { chat, come, type, kept, shown } = await start();
  come('Hi');
  chat.hold();
  await chat.anew();
  for (const typed of ['H', 'Hi', 'Hi, you']) type(typed);
  expect(shown()).toBeNull();
  expect(kept()).toEqual(['Hi']);
  await chat.anew();
  await chat.send('Hi');
  expect(shown()).toBeNull();
  await chat.keep('baseline');
  expect(kept()).toEqual(['Hi', 'Hi, you']);
  await chat.anew();
  expect(kept()).toEqual(['Hi', 'Hi |  0 1 2', 'Hi, you']);
});

test('undo to a conversation whose branch was removed writes it into no other branch', async () => {
  const { bench, chat, come, idOf, now, kept, shown } = await start();
  come('A');
  chat.hold();
  await chat.bring(said('Z'));
  chat.hold();
  const [a, z] = [idOf('A'), idOf('Z')];
  await chat.back(a);
  chat.branches.remove(z);
  bench.undo();
  expect(now()).toBe('Z');
  expect(shown()).toBeNull();
  expect(kept()).toEqual(['A']);
});

test('undo to a conversation that was never kept writes it into no branch', async () => {
  const { bench, chat, come, idOf, now, kept, shown } = await start();
  come('Z');
  await bench.show({ chat: said('R') });
  chat.hold();
  bench.undo();
  expect(now()).toBe('Z');
  expect(kept()).toEqual(['R', 'Z']);
  expect(shown()).toBe(idOf('Z'));
  bench.redo();
  expect(shown()).toBe(idOf('R'));
});

test('a new conversation that comes before a branch is read is not written into the branch', async () => {
  const { chat, fake, come, type, idOf, kept, shown } = await start();
  come('A');
  chat.hold();
  await chat.bring(said('B'));
  fake.hold = true;
  const returning = chat.back(idOf('A'));
  const beginning = chat.anew();
  fake.hold = false;
  fake.release();
  await Promise.all([returning, beginning]);
  await settled();
  expect(shown()).toBeNull();
  type('x');
  expect(kept()).toEqual(['A', 'B']);
});

test('two tabs on one branch become two branches', async () => {
  const one = await start();
  one.come('A');
  one.chat.hold();
  await one.chat.branches.flush();
  const two = await start(one.name);
  two.come('A');
  expect(two.shown()).toBe(one.shown());
  two.type('A, an hour of work');
  await two.chat.branches.flush();
  await expect.poll(() => one.kept()).toContain('A, an hour of work');
  one.type('A.');
  await one.chat.branches.flush();
  const both = ['A, an hour of work', 'A.'];
  expect(one.kept()).toEqual(both);
  await expect.poll(() => two.kept()).toEqual(both);
  expect(one.shown()).toBe(one.idOf('A.'));
  expect(two.shown()).toBe(two.idOf('A, an hour of work'));
});

const LONG = 'x'.repeat(200_001);

test('a branch that has become too long stays as it was, says so, and is not replaced', async () => {
  const { bench, chat, come, type, now, kept, shown, idOf } = await start();
  come('B');
  chat.hold();
  await chat.bring(said('A'));
  chat.hold();
  type(LONG);
  expect(kept()).toEqual(['A', 'B']);
  expect(shown()).toBeNull();
  expect(saidBy(bench)[0]).toContain('too long to be kept');
  await chat.anew();
  await chat.back(idOf('B'));
  expect(await chat.bring(said('From a file'))).toBeNull();
  expect(now()).toBe(LONG);
  expect(saidBy(bench)[0]).toContain('too long to be kept');
  type('A again');
  expect(kept()).toEqual(['A again', 'B']);
  expect(shown()).toBe(idOf('A again'));
  expect(await chat.bring(said('From a file'))).toBe(true);
});

test('the one that waits behind the text is not replaced where it is too long', async () => {
  const { chat, come, now } = await start();
  come(LONG);
  await chat.leave();
  expect(await chat.bring(said('R'))).toBeNull();
  expect(now()).toBeNull();
  await chat.open();
  expect(now()).toBe(LONG);
});

test('the words for the next turn stay over New', async () => {
  const { chat, come } = await start();
  come('A');
  chat.setDraft('half a thought');
  await chat.anew();
  expect(chat.store.getState().draft).toBe('half a thought');
});

test('the conversation behind the text is kept when another comes, and waits as the same branch', async () => {
  const { bench, chat, come, now, kept, idOf, shown } = await start();
  come('first');
  await chat.leave();
  await bench.show({ chat: said('second') });
  await chat.leave();
  await chat.open();
  expect(now()).toBe('second');
  expect(kept()).toEqual(['first']);
  await chat.back(idOf('first'));
  expect(kept()).toEqual(['first', 'second']);
  await chat.leave();
  await chat.open();
  expect(shown()).toBe(idOf('first'));
});

test('what waited behind the text before a reload is the branch of its words again', async () => {
  const { chat, come, now, idOf, shown } = await start();
  come('A');
  chat.hold();
  const id = idOf('A');
  const again = await start(`losses ${databases}`);
  again.chat.wait(said('A'));
  await chat.branches.flush();
  await again.chat.open();
  expect([again.now(), now(), shown()]).toEqual(['A', 'A', id]);
  await expect.poll(() => again.shown()).toBe(id);
});

test.each(['keep', 'branch', 'reroll'] as const)('%s in the middle of a run leaves its record', async (how) => {
  const { bench, chat, fake, come } = await start();
  come('q');
  bench.steering.add(3, 7);
  const { band } = fake;
  let go = () => {};
  fake.band = () =>
    new Promise((resolve) => {
      go = () => resolve([]);
    });
  const running = bench.generate();
  await expect.poll(() => bench.runner.store.getState().status).toBe('band');
  const going =
    how === 'keep'
      ? chat.keep('steered')
      : how === 'branch'
        ? chat.branch({ stream: 'steered', index: 1 }, { id: 77, text: 'x', logprob: -1 })
        : chat.reroll();
  expect(bench.notebook.store.getState().runs).toHaveLength(1);
  fake.band = band;
  go();
  await Promise.all([running, going]);
});

test('each branch goes on by its own exact tokens, after a reload too', async () => {
  const { bench, chat, come, idOf, name } = await start();
  bench.steering.add(3, 7);
  come('A');
  await bench.generate();
  await chat.keep('steered');
  chat.hold();
  await chat.bring(said('B'));
  await bench.generate();
  await chat.keep('baseline');
  chat.hold();
  await chat.back(idOf('A |  0 1 2'));
  await chat.goOn();
  expect(bench.tracer.store.getState().chat).toMatchObject({ open: true, ids: [1, 2, 3] });
  await chat.branches.flush();
  const again = await start(name);
  await again.chat.back(again.idOf('B |  0 1 2'));
  await again.chat.goOn();
  expect(again.bench.tracer.store.getState().chat).toMatchObject({ open: true, ids: [0, 1, 2] });
});

test('another model’s words are no change of the branch: its tokens stay with it', async () => {
  const { bench, chat, shown } = await start();
  bench.tracer.store.setState({ chat: { ...said('q', 'begun'), open: true, ids: [1, 2] } });
  chat.hold();
  const before = shown();
  chat.leaveModel();
  expect(bench.tracer.store.getState().chat).toEqual({ ...said('q', 'begun'), open: true });
  expect(shown()).toBe(before);
  expect(chat.branches.store.getState().list[0]!.chat.ids).toEqual([1, 2]);
  await chat.leave();
  chat.leaveModel();
  expect(chat.store.getState().aside?.chat.ids).toBeUndefined();
});

test('where only branches with names are left, nothing is replaced', async () => {
  const name = `losses ${++databases}`;
  const full = createBranches(() => openBranchesDb(name));
  await full.need();
  for (let i = 0; i < 199; i++) full.rename(full.add(said(`${i}`), null, null)!, `name ${i}`);
  await full.flush();
  full.close();
  const { bench, chat, come, now, kept } = await start(name);
  come('mine');
  await chat.anew();
  expect(now()).toBe('mine');
  expect(saidBy(bench)[0]).toContain('no room');
  expect(kept()).toHaveLength(199);
});
