import { afterEach, expect, test, vi } from 'vitest';
import type { Chat } from '../lens/api/chat';
import { keepForReload, openingView } from './reload';

/** A tab that is left and comes back; its session has room for values of at most `room` characters. */
function fakeTab(room = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, string>();
  let leave = () => {};
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    removeItem: (key: string) => kept.delete(key),
    setItem: (key: string, value: string) => {
      if (value.length > room) throw new Error('QuotaExceededError');
      kept.set(key, value);
    },
  });
  vi.stubGlobal('window', {
    addEventListener: (_: string, listener: () => void) => {
      leave = listener;
    },
  });
  vi.stubGlobal('history', { state: null, replaceState: () => {} });
  vi.stubGlobal('location', { hash: '#p=address' });
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ type: 'reload' } as unknown as PerformanceEntry]);
  return { kept, leave: () => leave() };
}
const turns = (n: number): Chat => ({
  messages: Array.from({ length: n }, () => ({ role: 'user', content: 'a'.repeat(1000) })),
});
const nothing = { putBack: () => {} };
const left = { view: 'p=a', text: 'a', aside: null, draft: '' };

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('a conversation that a link cannot carry is there whole after a reload', () => {
  const tab = fakeTab();
  keepForReload(() => ({ ...left, chat: turns(12) }), nothing);
  tab.leave();
  expect(openingView()).toEqual({
    putBack: expect.any(Function),
    hash: '#p=a',
    text: null,
    lost: null,
    chat: turns(12),
    lostTurns: null,
    aside: null,
    lostAside: null,
    draft: '',
  });
  // What was kept is taken once.
  expect(tab.kept.size).toBe(0);
});

test('one that a link carries is not kept beside it', () => {
  const tab = fakeTab();
  keepForReload(() => ({ ...left, chat: turns(2) }), nothing);
  tab.leave();
  expect([...tab.kept.keys()]).toEqual(['lenslet-view']);
});

test('what no link has is there after a reload: the conversation behind the text, and the words for the next turn', () => {
  const tab = fakeTab();
  keepForReload(() => ({ ...left, chat: null, aside: turns(2), draft: 'half a thought' }), nothing);
  tab.leave();
  expect(openingView()).toMatchObject({ aside: turns(2), lostAside: null, draft: 'half a thought' });
  expect(openingView()).toMatchObject({ aside: null, draft: '' });
});

test('Back over a load of the page gives what the browser kept with the entry, or says how much there was', () => {
  const come = (state: unknown) => {
    fakeTab();
    vi.mocked(performance.getEntriesByType).mockReturnValue([{ type: 'back_forward' } as unknown as PerformanceEntry]);
    vi.stubGlobal('history', { state, replaceState: () => {} });
    return openingView();
  };
  const entry = { sheet: 1, model: '' };
  const text = 'half \ud83d of '.repeat(2000);
  expect(come({ ...entry, text, chat: turns(12) })).toMatchObject({
    hash: '#p=address',
    text,
    lost: null,
    chat: turns(12),
  });
  expect(come({ ...entry, text: 5e6, chat: 12 })).toMatchObject({ text: null, lost: 5e6, chat: null, lostTurns: 12 });
  for (const other of [null, 7, { text }, { ...entry, chat: { messages: [{ role: 'x' }] } }])
    expect(come(other)).toMatchObject({ text: null, lost: null, chat: null, lostTurns: null });
});

test('half a character, which no link spells out, is there after a reload', () => {
  const tab = fakeTab();
  keepForReload(() => ({ ...left, text: 'a \ud83d b', chat: null }), nothing);
  tab.leave();
  expect(openingView()).toMatchObject({ text: 'a \ud83d b' });
});

test('where there is no room for the one behind the text, its turns are told', () => {
  const tab = fakeTab(1000);
  keepForReload(() => ({ ...left, chat: null, aside: turns(2), draft: 'a' }), nothing);
  tab.leave();
  expect(openingView()).toMatchObject({ aside: null, lostAside: 2, draft: 'a' });
});

test('where there is no room, how many turns there were is told', () => {
  const tab = fakeTab(1000);
  keepForReload(() => ({ ...left, chat: turns(12) }), nothing);
  tab.leave();
  expect(openingView()).toMatchObject({ chat: null, lostTurns: 12 });
});

test.each(['{', '{}', '{"messages": [{"role": "tool", "content": ""}]}'])('%s is no conversation', (value) => {
  const tab = fakeTab();
  tab.kept.set('lenslet-view', 'p=a').set('lenslet-chat', value);
  expect(openingView()).toMatchObject({ chat: null, lostTurns: null });
});

test('a page that goes before it has taken up what was kept for it keeps that for the next one', () => {
  const tab = fakeTab();
  keepForReload(() => ({ ...left, chat: null, aside: turns(2), draft: 'half a thought' }), nothing);
  tab.leave();
  const kept = new Map(tab.kept);
  keepForReload(() => null, openingView());
  expect(tab.kept.size).toBe(0);
  tab.leave();
  expect(tab.kept).toEqual(kept);
});
