import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { type Branches, branchName, createBranches, openBranchesDb, originSays } from './branches';

let databases = 0;
const open: Branches[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const chat = (content: string): Chat => ({ messages: [{ role: 'user', content }] });
function tab(name: string, options: Parameters<typeof createBranches>[1] = {}) {
  const branches = createBranches(() => openBranchesDb(name), { pause: 0, ...options });
  open.push(branches);
  return branches;
}
const names = (branches: Branches) => branches.store.getState().list.map(branchName);
const ANSWER = { turn: 2, token: 5, position: null, was: ' four', now: ' five' };

test('what is kept is here again, with its name and where it began', async () => {
  const name = `branches ${++databases}`;
  const first = tab(name, { now: () => 1000 });
  await first.need();
  const id = first.add(chat('one'), null, 'm')!;
  first.add({ ...chat('two'), thinking: true }, ANSWER, 'm');
  first.rename(id, 'The first');
  await first.flush();
  const again = tab(name);
  await again.need();
  expect(again.store.getState().list).toEqual(first.store.getState().list);
  expect(names(again).sort()).toEqual(['The first', 'two']);
  expect(originSays(ANSWER)).toBe('from turn 2, token 5: “ five” in place of “ four”');
});

test('what one tab writes the other shows; two changes of different branches both stay', async () => {
  const name = `branches ${++databases}`;
  const [one, other] = [tab(name), tab(name)];
  await Promise.all([one.need(), other.need()]);
  const a = one.add(chat('one'), null, null)!;
  const b = other.add(chat('two'), null, null)!;
  await Promise.all([one.flush(), other.flush()]);
  await expect
    .poll(() => [names(one).sort(), names(other).sort()])
    .toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  one.update(a, chat('one more'), null);
  other.rename(b, 'second');
  await Promise.all([one.flush(), other.flush()]);
  await expect
    .poll(() => [names(one).sort(), names(other).sort()])
    .toEqual([
      ['one more', 'second'],
      ['one more', 'second'],
    ]);
});

test('records that are none stay out of sight, and those from the future come to now', async () => {
  const name = `branches ${++databases}`;
  const first = tab(name, { now: () => 5000 });
  await first.need();
  first.add(chat('one'), null, null);
  await first.flush();
  const [sound] = first.store.getState().list;
  const raw = await openDB(name);
  const hostile: unknown[] = [
    null,
    'x',
    { ...sound, id: 'a', chat: { messages: [] } },
    { ...sound, id: 'b', chat: { messages: [{ role: 'tool', content: '' }] } },
    { ...sound, id: 'c', chat: { ...sound!.chat, ids: [1] } },
    { ...sound, id: 'd', name: 'x'.repeat(81) },
    { ...sound, id: 'e', updated: Number.NaN },
    { ...sound, id: 'f', from: { turn: -1 } },
    { ...sound, id: 'h', exact: [0.5] },
    { ...sound, id: 'g', chat: chat('x'.repeat(200_001)) },
  ];
  for (const [i, value] of hostile.entries()) await raw.put('branches', value, `hostile ${i}`);
  await raw.put('branches', { ...sound, id: 'later', updated: 9e12, unknown: 1 }, 'later');
  raw.close();
  const again = tab(name, { now: () => 5000 });
  await again.need();
  expect(again.store.getState().list.map(({ id, updated }) => [id === sound!.id, updated])).toEqual(
    expect.arrayContaining([
      [true, 5000],
      [false, 5000],
    ]),
  );
  expect(again.store.getState().list).toHaveLength(2);
});

test('where there is no more room the oldest go, those with a name last of all', () => {
  let time = 0;
  const branches = tab('unused', { now: () => ++time, most: 3 });
  const first = branches.add(chat('one'), null, null)!;
  branches.rename(first, 'mine');
  for (const text of ['two', 'three', 'four']) branches.add(chat(text), null, null);
  expect(names(branches)).toEqual(['four', 'three', 'mine']);
});

test('a branch with a name never goes by itself: where there are no others, nothing more is kept', () => {
  let time = 0;
  const branches = tab('unused', { now: () => ++time, most: 3 });
  for (const text of ['one', 'two']) branches.rename(branches.add(chat(text), null, null)!, `my ${text}`);
  expect(branches.refuses(chat('three'))).toBe('full');
  expect(branches.add(chat('three'), null, null)).toBeNull();
  branches.remove(branches.store.getState().list[0]!.id);
  for (const text of ['three', 'four']) branches.add(chat(text), null, null);
  expect(names(branches)).toEqual(['four', 'three', 'my one']);
  for (const { id } of branches.store.getState().list) branches.rename(id, `my ${id}`);
  branches.putBack();
  expect(branches.store.getState().list).toHaveLength(4);
});

test('two tabs may have named more than there is room for: all of them stay, and what came last', async () => {
  const name = `branches ${++databases}`;
  const first = tab(name);
  await first.need();
  for (const text of ['one', 'two', 'three']) first.rename(first.add(chat(text), null, null)!, text);
  await first.flush();
  const again = tab(name, { most: 2 });
  again.add(chat('four'), null, null);
  await again.need();
  expect(names(again).sort()).toEqual(['four', 'one', 'three', 'two']);
});

test('a name is written letter by letter, spaces and all, and settled behind', () => {
  const branches = tab('unused');
  const id = branches.add(chat('one'), null, null)!;
  const name = () => branches.store.getState().list[0]!.name;
  branches.rename(id, 'my ');
  expect(name()).toBe('my ');
  branches.rename(id, ' my  own ');
  branches.settleName(id);
  expect(name()).toBe('my own');
  branches.rename(id, '  ');
  expect(names(branches)).toEqual(['one']);
});

test('what is too long is not kept, and what is removed is put back', () => {
  const branches = tab('unused');
  expect(branches.add(chat('x'.repeat(200_001)), null, null)).toBeNull();
  const many = Array(1001).fill({ role: 'user', content: '' });
  expect(branches.add({ messages: many }, null, null)).toBeNull();
  const id = branches.add(chat('one'), null, null)!;
  expect(branches.update(id, chat('x'.repeat(200_001)), null)).toBe(false);
  expect(names(branches)).toEqual(['one']);
  branches.remove(id);
  expect(names(branches)).toEqual([]);
  branches.putBack();
  expect(names(branches)).toEqual(['one']);
  expect(branches.store.getState().removed).toBeNull();
});

test('without storage all works, until the tab is closed', async () => {
  const branches = createBranches(() => Promise.reject(new Error('closed')));
  await branches.need();
  branches.add(chat('one'), null, null);
  expect(names(branches)).toEqual(['one']);
  expect(branches.store.getState().storage).toBe('tab');
});

test('a branch without a name is called by what the user said first', () => {
  const of = (content: string) => branchName({ name: '', chat: chat(content) });
  expect(of('  How\nmany? ')).toBe('How many?');
  expect(of('汉'.repeat(60))).toBe(`${'汉'.repeat(47)}…`);
  expect(of('')).toBe('Without words');
});
