import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { Asked } from './asked';
import type { PrecachedFile } from './precache';

const scope = 'https://lens.example/app/';
const address = `${scope}models/m/nla/av/model.safetensors`;
const built = Uint8Array.of(1, 2, 3, 4, 5, 6);
const fileOf = (bytes: Uint8Array): PrecachedFile => {
  const hash = createHash('sha256').update(bytes).digest('base64');
  return { url: 'models/m/nla/av/model.safetensors', revision: hash, integrity: `sha256-${hash}`, asked: true };
};

class MemoryCache {
  readonly entries = new Map<string, Response>();
  match = async (key: string) => this.entries.get(key)?.clone();
  put = async (key: string, answer: Response) => void this.entries.set(key, answer);
  keys = async () => [...this.entries.keys()].map((url) => ({ url }));
  delete = async ({ url }: { url: string }) => this.entries.delete(url);
}

let cache: MemoryCache;
let sent: Uint8Array;
let loads: number;
const stores = { open: async () => cache as unknown as Cache };
const open = (file = fileOf(built)) =>
  new Asked([file, { url: 'index.html', revision: 'x', integrity: '' }], scope, 'asked', stores, async () => {
    loads++;
    return new Response(sent.slice());
  });

/** Asks, and waits until the file is stored. */
async function ask(asked: Asked, range?: string): Promise<{ status: number; bytes: number[] }> {
  const behind: Promise<unknown>[] = [];
  const answer = await asked.answer(new Request(address, range ? { headers: { range } } : {}), address, (done) =>
    behind.push(done),
  );
  const bytes = [...new Uint8Array(await answer.arrayBuffer())];
  await Promise.all(behind);
  return { status: answer.status, bytes };
}

beforeEach(() => {
  cache = new MemoryCache();
  sent = built;
  loads = 0;
});

test('a file is kept once it was asked for whole, and parts of it are cut from what is kept', async () => {
  const asked = open();
  expect([asked.has(address), asked.has(`${scope}index.html`)]).toEqual([true, false]);
  expect(await ask(asked)).toEqual({ status: 200, bytes: [...built] });
  expect(await ask(asked)).toEqual({ status: 200, bytes: [...built] });
  expect(await ask(asked, 'bytes=1-2')).toEqual({ status: 206, bytes: [2, 3] });
  expect(loads).toBe(1);
});

test('a part is the server’s as long as nothing is kept, and does not pass for the file', async () => {
  const asked = open();
  await ask(asked, 'bytes=1-2');
  expect(cache.entries.size).toBe(0);
});

test('what is not what was built reaches the page and is not kept', async () => {
  sent = Uint8Array.of(1, 2, 3);
  expect((await ask(open())).bytes).toEqual([1, 2, 3]);
  expect(cache.entries.size).toBe(0);
});

test('a build drops what it has no more, and does not take an older file for its own', async () => {
  await ask(open());
  const newer = open(fileOf(Uint8Array.of(9)));
  sent = Uint8Array.of(9);
  expect((await ask(newer)).bytes).toEqual([9]);
  expect(cache.entries.size).toBe(2);
  await newer.clean();
  expect(cache.entries.size).toBe(1);
  expect((await ask(newer)).bytes).toEqual([9]);
  expect(loads).toBe(2);
});

test('where nothing can be stored the server answers', async () => {
  const closed = new Asked(
    [fileOf(built)],
    scope,
    'asked',
    { open: () => Promise.reject(new Error('closed')) },
    async () => new Response(sent.slice()),
  );
  expect((await ask(closed)).bytes).toEqual([...built]);
  await closed.clean();
});

test('what is kept is listed; a file is stored on its own, counted, and only if it is the built one', async () => {
  const asked = open({ ...fileOf(built), bytes: 6 });
  expect(await asked.list()).toEqual([{ address, bytes: 6, kept: false }]);
  const seen: number[] = [];
  const { signal } = new AbortController();
  expect(await asked.store(address, signal, (loaded) => seen.push(loaded))).toBe(true);
  expect(seen.at(-1)).toBe(6);
  expect(await asked.list()).toEqual([{ address, bytes: 6, kept: true }]);
  cache = new MemoryCache();
  sent = Uint8Array.of(9);
  expect(await asked.store(address, signal, () => {})).toBe(false);
  expect(await asked.store(`${scope}other`, signal, () => {})).toBe(false);
  expect(cache.entries.size).toBe(0);
});

test('storing that is stopped keeps nothing', async () => {
  const asked = open();
  const stop = new AbortController();
  await expect(asked.store(address, stop.signal, () => stop.abort())).rejects.toThrow();
  expect(cache.entries.size).toBe(0);
});
