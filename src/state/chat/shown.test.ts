import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Chat } from '../../lens/api/chat';
import { type Branches, createBranches } from './branches';
import { createShown, newThread, type Shown } from './shown';

const chat = (content: string): Chat => ({ messages: [{ role: 'user', content }] });

let page: ReturnType<typeof fakePage>;
let branches: Branches;
let shown: Shown;
let said: string[];
function fakePage() {
  return createStore<{ chat: Chat | null }>(() => ({ chat: null }));
}
beforeEach(() => {
  page = fakePage();
  said = [];
  branches = createBranches(() => Promise.reject(new Error('closed')));
  shown = createShown(page, branches, { model: () => 'm', exact: () => undefined, say: (one) => said.push(one) });
});
afterEach(() => shown.stop());

const come = (content: string) => page.setState({ chat: chat(content) });
const type = (content: string) => shown.hand(() => come(content));
const kept = () =>
  branches.store
    .getState()
    .list.map((one) => one.chat.messages[0]!.content)
    .sort();
const onShow = () => {
  const id = shown.store.getState().shown;
  return branches.store.getState().list.find((one) => one.id === id)?.chat.messages[0]?.content ?? null;
};

test('a branch is on show from when it is held, through every change by hand, until another conversation comes', () => {
  come('a');
  expect(onShow()).toBeNull();
  shown.hold();
  for (const typed of ['ab', 'abc']) {
    type(typed);
    expect(onShow()).toBe(typed);
  }
  come('b');
  expect([onShow(), kept()]).toEqual([null, ['abc']]);
  come('abc');
  expect([onShow(), kept()]).toEqual(['abc', ['abc', 'b']]);
});

test('a conversation that begins here has no branch, whatever its words; what it replaces is kept once', () => {
  come('a');
  shown.hold();
  shown.as(newThread(), () => come('a'));
  expect([onShow(), kept()]).toEqual([null, ['a']]);
  shown.as(newThread(), () => come('c'));
  expect(kept()).toEqual(['a']);
  shown.as(newThread(), () => come(''));
  shown.as(newThread(), () => come('d'));
  expect(kept()).toEqual(['a', 'c']);
});

test('a thread is led back to with its branch, unless that has other words by now', () => {
  come('a');
  shown.hold();
  const a = shown.thread()!;
  come('b');
  shown.as(a, () => come('a'));
  expect(onShow()).toBe('a');
  come('b');
  branches.update(a.id, chat('a of another tab'), null);
  shown.as(a, () => come('a'));
  expect(onShow()).toBeNull();
  type('a, here');
  expect(kept()).toEqual(['a of another tab', 'b']);
});

test('a branch that is removed while it is on show is not written again, and put back it is as it was', () => {
  come('a');
  shown.hold();
  branches.remove(shown.store.getState().shown!);
  type('ab');
  branches.putBack();
  type('abc');
  expect([onShow(), kept()]).toEqual([null, ['a']]);
});

test('what another tab writes makes two branches of one', () => {
  come('a');
  shown.hold();
  branches.update(shown.store.getState().shown!, chat('another tab'), null);
  expect([onShow(), kept()]).toEqual(['a', ['a', 'another tab']]);
});

test('what cannot be kept does not leave', () => {
  come('x'.repeat(200_001));
  expect(shown.leaves()).toBe(false);
  expect(said[0]).toContain('too long');
  page.setState({ chat: null });
  expect(shown.leaves()).toBe(false);
  come('');
  expect(shown.leaves()).toBe(true);
});
