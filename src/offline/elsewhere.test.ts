import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agree, agreed, pageBefore } from './elsewhere';

const assigned: string[] = [];
const become = (kind: 'strict' | 'open') =>
  vi.stubGlobal('document', { documentElement: { dataset: kind === 'open' ? { models: 'anywhere' } : {} } });

beforeEach(() => {
  assigned.length = 0;
  const kept = new Map<string, string>();
  vi.stubEnv('DEV', false);
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal('location', {
    search: '?provider=wasm',
    hash: '#p=The+king&e=3:39a1',
    assign: (to: string) => assigned.push(to),
  });
  become('strict');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

test('a model that is fetched by the second page leads back to what was open, with its whole view', () => {
  agree('hub:a/b', () => {}, { address: '?hub=a/b#p=The+king', beside: true });
  expect(assigned).toEqual(['./open.html?hub=a/b#p=The+king']);
  // The page that was left is the one to go back to, not from.
  expect(pageBefore()).toBeNull();
  become('open');
  expect([agreed('hub:a/b'), agreed('hub:a/c')]).toEqual([true, false]);
  expect(pageBefore()).toBe('./?provider=wasm#p=The+king&e=3:39a1');
});

test('where nothing was open, nothing is led back to', () => {
  agree('hub:a/b', () => {}, { beside: true });
  agree('hub:a/c', () => {});
  become('open');
  expect(pageBefore()).toBeNull();
});

test('another try in the second page keeps the way back, until a model has opened there', () => {
  agree('hub:a/b', () => {}, { beside: true });
  become('open');
  let opened = 0;
  agree('hub:a/c', () => opened++);
  expect([opened, pageBefore()]).toEqual([1, './?provider=wasm#p=The+king&e=3:39a1']);
  agree('hub:a/d', () => opened++, { beside: true });
  expect([opened, pageBefore()]).toEqual([2, null]);
});
