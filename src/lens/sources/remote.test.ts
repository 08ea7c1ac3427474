import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AbortedError, CorruptFileError, MissingFileError } from '../api/errors';
import { noise, quick, readAll, same, type TestHub, testHub } from '../testing/hub';
import { openSource } from './open-source';
import { remoteBytes } from './remote';
import type { ConnectionOptions } from './retry';

// Faults of connections and servers: they never lead to wrong bytes or an endless wait.
const BYTES = noise(120_000);
const FILES = '/cdn/*';

// The Hub's own port serves large files here; in hub.test.ts a second port does.
let hub: TestHub;
beforeAll(async () => {
  hub = await testHub({ cdnPort: undefined });
  await hub.write('a/b', { 'm.safetensors': BYTES });
});
afterAll(() => hub.close());
afterEach(() => {
  hub.clearFaults();
  hub.log.length = 0;
});

const open = (options: ConnectionOptions = quick()) =>
  openSource({ kind: 'hub', repo: 'a/b', endpoint: hub.url }, options);
const whole = async (options?: ConnectionOptions) => same(await readAll(await open(options), 'm.safetensors'), BYTES);
const middle = async (options?: ConnectionOptions) =>
  same(await readAll(await open(options), 'm.safetensors', 50_000, 70_000), BYTES.slice(50_000, 70_000));
const all = async (pieces: AsyncIterable<Uint8Array>) => {
  const taken: Uint8Array[] = [];
  for await (const piece of pieces) taken.push(piece);
  return taken;
};
const requests = () => hub.log.filter(({ path }) => path.startsWith('/cdn/'));

describe('a server', () => {
  test('that ignores ranges is read up to the part, also after a cut', async () => {
    hub.fault({ kind: 'whole', path: FILES });
    expect(await whole()).toBe(true);
    expect(await middle()).toBe(true);
    hub.fault({ kind: 'cut', at: 60_000, times: 2, path: FILES });
    expect(await middle()).toBe(true);
    hub.fault({ kind: 'cut', at: 10_000, times: 2, path: FILES });
    expect(await middle()).toBe(true);
  });

  test('that answers another place is refused, whether it says so or its length does', async () => {
    hub.fault({ kind: 'shift', by: 8, path: FILES });
    await expect(whole()).rejects.toThrow(MissingFileError);
    await expect(middle()).rejects.toThrow(/another part/);
    const source = await open(
      quick({
        fetch: async (input, init) =>
          /resolve/.test(String(input)) ? new Response(BYTES, { status: 206 }) : fetch(input, init),
      }),
    );
    await expect(readAll(source, 'm.safetensors', 0, 100)).rejects.toThrow(CorruptFileError);
  });

  test.each([-100, -1, 1, 5000])('whose length is wrong by %i gives the same bytes', async (by) => {
    hub.fault({ kind: 'length', by, path: FILES, times: 1 });
    expect(await whole()).toBe(true);
    hub.fault({ kind: 'length', by, path: FILES, times: 1 });
    expect(await middle()).toBe(true);
  });

  test('that hides Content-Range is believed only about a length that fits', async () => {
    hub.fault({ kind: 'hidden', path: FILES });
    expect(await middle()).toBe(true);
    const long = async () => new Response(BYTES.slice(0, 200), { status: 206, headers: { 'content-length': '200' } });
    const file = { url: 'https://x.example/f', size: 1000, refusal: () => null };
    await expect(all(remoteBytes(file, 0, 100, quick({ fetch: long })))).rejects.toThrow(/another part/);
  });

  test.each([
    ['another length', 206, { 'content-range': 'bytes 0-99/2000' }],
    ['no such place', 416, { 'content-range': 'bytes */50' }],
    ['another version', 206, { 'content-range': 'bytes 0-99/1000', etag: '"new"' }],
  ])('that has %s by now is refused', async (_, status, headers) => {
    const answer = async () =>
      new Response(BYTES.slice(0, 100), { status, headers: headers as Record<string, string> });
    const file = { url: 'https://x.example/f', size: 1000, etag: '"old"', refusal: () => null };
    await expect(all(remoteBytes(file, 0, 100, quick({ fetch: answer })))).rejects.toThrow(CorruptFileError);
  });

  test('that is slow is waited for; one without a byte for too long is asked again', async () => {
    hub.fault({ kind: 'slow', rate: 60_000, path: FILES, times: 1 });
    expect(await whole(quick({ stall: 1000 }))).toBe(true);
    expect(requests()).toHaveLength(1);
    hub.fault({ kind: 'stall', at: 70_000, path: FILES, times: 1 });
    expect(await whole(quick({ stall: 500 }))).toBe(true);
    expect(requests().at(-1)!.range).toMatch(/^bytes=(?!0-)/);
  });

  test('that never answers is given up', async () => {
    const options = quick();
    const source = await open(options);
    options.stall = 20;
    hub.fault({ kind: 'stall', at: 0, path: FILES });
    await expect(readAll(source, 'm.safetensors')).rejects.toThrow(/no byte for 0.02 s/);
    expect(options.pauses).toHaveLength(5);
    const mute = quick({ stall: 20, fetch: () => new Promise(() => undefined) });
    await expect(open(mute)).rejects.toThrow(MissingFileError);
  });
});

describe('a reader', () => {
  test('that stops early closes the connection', async () => {
    hub.fault({ kind: 'slow', rate: 50_000, path: FILES });
    for await (const piece of (await open()).stream('m.safetensors', 0, BYTES.length)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => requests()[0]!.status).toBe(206);
  });

  test('is sent no cookies, and nothing is kept in the HTTP cache', async () => {
    const sent: RequestInit[] = [];
    const noting: typeof fetch = (input, init) => {
      sent.push(init!);
      return fetch(input, init);
    };
    const source = await open(quick({ fetch: noting }));
    await source.read('m.safetensors');
    for (const init of sent)
      expect(init).toMatchObject({ credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
  });

  test.each([0, 1, 5, 20, 60, 150, 300])('that aborts after %i ms gets AbortedError soon', async (ms) => {
    const control = new AbortController();
    hub.fault({ kind: 'slow', rate: 20_000, path: FILES });
    setTimeout(() => control.abort(), ms);
    const started = performance.now();
    const reading = (async () =>
      readAll(await open({ signal: control.signal }), 'm.safetensors', 0, BYTES.length, control.signal))();
    await expect(reading).rejects.toThrow(AbortedError);
    // Far below the time that the whole file takes at this rate.
    expect(performance.now() - started).toBeLessThan((BYTES.length / 20_000) * 500);
  });

  test('that aborts at any step gets AbortedError: before, while asking, between pieces, in a pause', async () => {
    const aborted = AbortSignal.abort();
    await expect(open({ signal: aborted })).rejects.toThrow(AbortedError);
    const source = await open();
    hub.log.length = 0;
    await expect(source.stat('m.safetensors', { signal: aborted })).rejects.toThrow(AbortedError);
    await expect(source.read('m.safetensors', { signal: aborted })).rejects.toThrow(AbortedError);
    await expect(readAll(source, 'm.safetensors', 0, 10, aborted)).rejects.toThrow(AbortedError);
    await expect(source.list!({ signal: aborted })).rejects.toThrow(AbortedError);
    expect(hub.log).toEqual([]);

    const between = new AbortController();
    const stream = source.stream('m.safetensors', 0, BYTES.length, { signal: between.signal })[Symbol.asyncIterator]();
    await stream.next();
    between.abort();
    await expect(stream.next()).rejects.toThrow(AbortedError);

    // The wait is an hour; the signal ends it.
    for (const status of [429, 500]) {
      const control = new AbortController();
      hub.fault({ kind: 'status', status, retryAfter: 3600, path: '*/resolve/*', times: 1 });
      const waiting = readAll(
        await open({ pause: () => new Promise(() => undefined) }),
        'm.safetensors',
        0,
        10,
        control.signal,
      );
      setTimeout(() => control.abort(), 50);
      await expect(waiting).rejects.toThrow(AbortedError);
    }
  });

  test('that aborts the opening does not end what is read later', async () => {
    const control = new AbortController();
    const source = await open({ signal: control.signal });
    control.abort();
    expect(same(await readAll(source, 'm.safetensors'), BYTES)).toBe(true);
  });
});
