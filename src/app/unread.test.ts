import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Whole } from '../state/page/link-limit';
import * as packed from '../state/page/link-packed';
import type { Workbench } from '../state/page/workbench';
import { settled } from '../state/testing/lens';
import { saidBy, tracedBench } from '../state/testing/workbench';
import { followAddress } from './address';
import { arrive } from './arrive';
import { firstText } from './first-text';
import type { Opening } from './reload';
import { createUnread } from './unread';

vi.mock('../state/page/link-packed', { spy: true });

const LINK = '#z=packed';
const STOOD = 400;
let bench: Workbench;
/** Ends the unpacking. */
let unpacked: (whole: Whole) => void;
let listeners: Record<string, (event: { state: unknown }) => void>;
let kept: Map<string, string>;
let address: string;
const opening: Opening = {
  hash: LINK,
  text: null,
  lost: null,
  chat: null,
  lostTurns: null,
  aside: null,
  lostAside: null,
  draft: '',
  putBack: () => kept.set('lenslet-view', 'put back'),
};
const stand = () => new Promise((resolve) => setTimeout(resolve, STOOD));
const text = () => bench.tracer.store.getState().text;

beforeEach(async () => {
  kept = new Map();
  listeners = {};
  address = LINK;
  vi.mocked(packed.unpacking).mockImplementation(
    () =>
      new Promise((resolve) => {
        unpacked = resolve;
      }),
  );
  vi.stubGlobal('window', {
    addEventListener: (type: string, listener: () => void) => {
      listeners[type] = listener;
    },
  });
  vi.stubGlobal('document', { baseURI: 'https://lenslet.example/' });
  vi.stubGlobal('sessionStorage', {
    getItem: () => null,
    removeItem: (key: string) => kept.delete(key),
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  const write = (_state: unknown, _: string, to: string) => {
    address = to;
  };
  vi.stubGlobal('history', { state: null, replaceState: write, pushState: write });
  vi.stubGlobal('location', {
    pathname: '/',
    search: '',
    get hash() {
      return address;
    },
  });
  bench = await tracedBench('');
});
afterEach(async () => {
  bench.dispose();
  await stand();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const begin = () => arrive(bench, opening, (unread) => followAddress(bench, unread));

test('a link whose unpacker cannot be loaded stays in the address, and a reload tries it again', async () => {
  begin();
  unpacked({ missed: true });
  await settled();
  expect(saidBy(bench).join()).toMatch(/could not be loaded. Reload the page to try again/);
  firstText(bench, LINK);
  bench.view.set({ feature: 7 });
  await stand();
  expect([address, text()]).toEqual([LINK, '']);
  listeners.pagehide!({ state: null });
  expect(kept.get('lenslet-view')).toBe('put back');
  // What the reader writes is the page's own again.
  bench.tracer.type('own words');
  await vi.waitFor(() => expect(address).toContain('own+words'));
  listeners.pagehide!({ state: null });
  expect(kept.get('lenslet-view')).toContain('own+words');
});

test('a page that goes while its link is unpacked leaves what it had begun with', () => {
  begin();
  listeners.pagehide!({ state: null });
  expect(kept.get('lenslet-view')).toBe('put back');
});

test('what is typed while a link is unpacked is one undo away', async () => {
  begin();
  bench.tracer.type('typed');
  unpacked({ text: 'of the link' });
  await settled();
  expect(text()).toBe('of the link');
  bench.undo();
  await settled();
  expect(text()).toBe('typed');
});

test('what is typed stays where the link cannot be unpacked', async () => {
  begin();
  bench.tracer.type('typed');
  unpacked({ missed: true });
  await settled();
  expect(text()).toBe('typed');
});

test('a change that waits to be written does not take the place of a pasted link that is unpacked', async () => {
  address = '';
  followAddress(bench, createUnread(bench));
  bench.view.set({ feature: 7 });
  address = LINK;
  listeners.popstate!({ state: null });
  await stand();
  expect(address).toBe(LINK);
  unpacked({ text: 'of the link' });
  await settled();
  expect(text()).toBe('of the link');
});

test('a pasted link that cannot be unpacked changes nothing', async () => {
  bench.tracer.type('own words');
  followAddress(bench, createUnread(bench));
  listeners.popstate!({ state: null });
  unpacked({ missed: true });
  await settled();
  expect([text(), address]).toEqual(['own words', LINK]);
  expect(saidBy(bench).join()).toMatch(/stays as it was/);
});
