import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Chat } from '../lens/api/chat';
import { encodeLink } from '../state/page/link-codec';
import { LONGEST_PROMPT } from '../state/page/link-limit';
import { packing } from '../state/page/link-packed';
import type { Workbench } from '../state/page/workbench';
import { settled } from '../state/testing/lens';
import { saidBy, tracedBench } from '../state/testing/workbench';
import { followAddress } from './address';
import { createUnread } from './unread';

/** A tab's history, whose entries take texts of at most `room` characters. */
function fakeTab() {
  const entries: { state: unknown; hash: string }[] = [{ state: null, hash: '' }];
  const tab = { at: 0, room: Number.POSITIVE_INFINITY, entries, go: (_by: number) => {} };
  const location = {
    pathname: '/',
    search: '',
    get hash() {
      return entries[tab.at]!.hash;
    },
  };
  const put = (state: unknown, _: string, address: string) => {
    if (JSON.stringify(state).length > tab.room) throw new Error('DataCloneError');
    entries[tab.at] = { state, hash: address.slice(address.indexOf('#')) };
  };
  vi.stubGlobal('location', location);
  vi.stubGlobal('document', { baseURI: 'https://lenslet.example/' });
  vi.stubGlobal('history', {
    get state() {
      return entries[tab.at]!.state;
    },
    replaceState: put,
    pushState: (state: unknown, title: string, address: string) => {
      entries.length = ++tab.at;
      put(state, title, address);
    },
  });
  vi.stubGlobal('window', {
    addEventListener: (type: string, listener: (event: object) => void) => {
      if (type !== 'popstate') return;
      tab.go = (by) => {
        tab.at += by;
        listener({ state: entries[tab.at]!.state });
      };
    },
  });
  return tab;
}

const long = 'word '.repeat(LONGEST_PROMPT);
let bench: Workbench;
let tab: ReturnType<typeof fakeTab>;
beforeEach(async () => {
  tab = fakeTab();
  bench = await tracedBench();
  followAddress(bench, createUnread(bench));
});
afterEach(async () => {
  bench.dispose();
  // The last change is written a moment later.
  await new Promise((resolve) => setTimeout(resolve, 350));
  vi.unstubAllGlobals();
});

const text = () => bench.tracer.store.getState().text;

test('Back gives back a text that is longer than a link carries, whole', async () => {
  await bench.show({ text: long });
  await bench.show({ text: 'an example' });
  tab.go(-1);
  await settled();
  expect(text()).toBe(long);
  tab.go(1);
  await settled();
  expect(text()).toBe('an example');
  expect(saidBy(bench)).toEqual([]);
});

test('where the browser would not keep it, the page says what is missing', async () => {
  await bench.show({ text: long });
  tab.room = 20_000;
  await bench.show({ text: 'an example' });
  tab.go(-1);
  await settled();
  expect(text()).toBe(long.slice(0, LONGEST_PROMPT));
  expect(saidBy(bench)).toEqual(['The text had 40,000 characters; the browser kept the first 8,000 with this step.']);
});

test('a packed link that is pasted into the tab, or that the browser kept without its text, opens whole', async () => {
  const words = 'fifteen letters '.repeat(1000);
  await packing({ text: words, chat: null });
  tab.entries.push({ state: null, hash: `#${encodeLink({ prompt: words })}` });
  tab.go(1);
  await vi.waitFor(() => expect(text()).toBe(words));
  expect(saidBy(bench)).toEqual([]);
  await settled();

  await bench.show({ text: 'an example' });
  tab.entries[tab.at - 1]!.state = { sheet: 77, model: '', text: words.length };
  tab.go(-1);
  await vi.waitFor(() => expect(text()).toBe(words));
  expect(saidBy(bench).join()).not.toContain('characters');
});

test('the address packs a long text once it rests', async () => {
  await bench.show({ text: 'sixteen letters '.repeat(1000) });
  await vi.waitFor(() => expect(tab.entries[tab.at]!.hash).toMatch(/^#z=[\w-]+(&|$)/));
});

test('Back to another place of the same sheet takes the sheet’s present text into the address', async () => {
  bench.go('notebook');
  await bench.exchange('other words');
  tab.go(-1);
  await settled();
  expect(bench.view.store.getState().place).toBe('sheet');
  expect(tab.entries[tab.at]!.hash).toContain('p=other+words');
});

test('a dialog that is open is closed by each way back', async () => {
  bench.go('notebook');
  bench.view.set({ sheet: 'keys' });
  tab.go(-1);
  expect(bench.view.store.getState().sheet).toBeNull();
  await bench.show({ text: 'an example' });
  bench.view.set({ sheet: 'keys' });
  tab.go(-1);
  expect(bench.view.store.getState().sheet).toBeNull();
});

test('Back gives back a conversation that is longer than a link carries, whole, or says what is missing', async () => {
  const chat: Chat = {
    messages: Array.from({ length: 12 }, (_, i) => ({ role: 'user', content: `${i} `.repeat(500) })),
  };
  const now = () => bench.tracer.store.getState().chat;
  await bench.show({ chat });
  await bench.show({ text: 'an example' });
  tab.go(-1);
  await settled();
  expect(now()).toEqual(chat);
  expect(saidBy(bench)).toEqual([]);
  tab.go(1);
  await settled();
  expect(now()).toBeNull();

  await bench.show({ chat });
  tab.room = 1000;
  await bench.show({ text: 'an example' });
  tab.go(-1);
  await settled();
  expect(now()!.messages).toEqual(chat.messages.slice(0, 8));
  expect(saidBy(bench)).toContain('The conversation had 12 turns; the browser kept the first of them with this step.');
});

test('Back and Forward through one conversation leave no branch of each state', async () => {
  bench.tracer.store.setState({ text: 'How many?' });
  await bench.chat.open();
  for (const content of ['one', 'two', 'three']) {
    await bench.chat.bring({ messages: [{ role: 'user', content }] });
    // Steps of one conversation, each an entry.
    for (const more of ['a', 'b'])
      await bench.chat.step((chat) => ({ messages: [...chat.messages, { role: 'assistant', content: more }] }));
  }
  const kept = () => bench.chat.branches.store.getState().list.length;
  const before = kept();
  tab.go(-1);
  await settled();
  expect(bench.tracer.store.getState().chat!.messages.length).toBe(2);
  tab.go(-1);
  await settled();
  expect(bench.tracer.store.getState().chat!.messages.length).toBe(1);
  tab.go(2);
  await settled();
  expect(bench.tracer.store.getState().chat!.messages.length).toBe(3);
  expect(kept()).toBe(before);
});
