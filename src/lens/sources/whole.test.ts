import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AbortedError, MissingFileError } from '../api/errors';
import { quick } from '../testing/hub';
import { smallUrlSource } from './url';

const BIG = new Uint8Array(300_000).map((_, i) => i % 251);

/** Sends BIG, or the range that the request names; breaks off after 100,000 bytes if it is to break. */
function breaking(response: ServerResponse, headers: Record<string, string>): void {
  const asked = /^bytes=(\d+)-(\d+)$/.exec(response.req.headers.range ?? '');
  const [begin, end] = asked ? [Number(asked[1]), Number(asked[2]) + 1] : [0, BIG.length];
  const range = asked ? { 'content-range': `bytes ${begin}-${end - 1}/${BIG.length}` } : {};
  response.writeHead(asked ? 206 : 200, { 'content-length': end - begin, ...range, ...headers });
  if (breaks-- > 0)
    response.write(BIG.subarray(begin, begin + 100_000), () => setTimeout(() => response.destroy(), 50));
  else response.end(BIG.subarray(begin, end));
}

const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  '/m/tagged.bin': (r) => breaking(r, { etag: '"1"' }),
  '/m/untagged.bin': (r) => breaking(r, {}),
  '/m/config.json': (r) => r.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).end('{}'),
  '/m/big.safetensors': (r) => r.writeHead(200, { 'content-length': BIG.length }).end(BIG),
  '/m/chunked.bin': (r) => {
    r.writeHead(200, {});
    r.write(BIG.subarray(0, 70_000));
    r.end(BIG.subarray(70_000));
  },
  '/m/packed.bin': (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(BIG)),
  '/m/empty.bin': (r) => r.writeHead(200, { 'content-length': 0 }).end(),
  '/m/fallback.json': (r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>'),
  '/m/gone.json': (r) => r.writeHead(410).end(),
  '/m/broken.json': (r) => r.writeHead(500).end('no'),
  '/m/sae/a%20b%23.json': (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('[]'),
  '/m/cut.bin': (r) => {
    r.writeHead(200, { 'content-length': 1000 });
    r.write(new Uint8Array(10));
    setTimeout(() => r.destroy(), 20);
  },
  '/m/ranged.bin': (r) => {
    const [begin, end] = /^bytes=(\d+)-(\d+)$/
      .exec(r.req.headers.range ?? '')
      ?.slice(1)
      .map(Number) ?? [0, BIG.length - 1];
    const last = Math.min(end!, BIG.length - 1);
    if (begin! >= BIG.length) r.writeHead(416, { 'content-range': `bytes */${BIG.length}` }).end();
    else
      r.writeHead(206, { 'content-range': `bytes ${begin}-${last}/${BIG.length}` }).end(BIG.subarray(begin, last + 1));
  },
  '/m/unnamed.bin': (r) => r.writeHead(206).end(BIG.subarray(10, 20)),
  '/m/shifted.bin': (r) => r.writeHead(206, { 'content-range': `bytes 11-20/${BIG.length}` }).end(BIG.subarray(11, 21)),
  '/m/endless.bin': (r) => r.writeHead(206, { 'content-range': `bytes 10-29/${BIG.length}` }).end(BIG.subarray(10, 30)),
  '/m/slow.bin': (r) => {
    r.writeHead(200, { 'content-length': 1000 });
    r.write(new Uint8Array(10));
  },
};

let server: Server;
let base: string;
/** Address and range of every request. */
const log: string[] = [];
/** How many of the next answers break off. */
let breaks = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    log.push(`${request.url} ${request.headers.range ?? ''}`);
    const answer = ANSWERS[request.url!];
    if (answer) answer(response);
    else response.writeHead(404).end('nothing here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open = (url = base) => smallUrlSource(url, quick());

describe('a small file of a folder behind an address', () => {
  test('reads a file with or without a slash behind the address', async () => {
    for (const url of [base, `${base}/`])
      expect(new TextDecoder().decode(await open(url).read('config.json'))).toBe('{}');
  });

  test('counts bytes towards the stated length', async () => {
    const steps: [number, number][] = [];
    const bytes = await open().read('big.safetensors', {
      onBytes: (loaded, total) => steps.push([loaded, total]),
    });
    expect(Buffer.compare(bytes, BIG)).toBe(0);
    expect(steps.at(-1)).toEqual([BIG.length, BIG.length]);
    expect(steps.every(([loaded, total], i) => total === BIG.length && loaded > (steps[i - 1]?.[0] ?? 0))).toBe(true);
  });

  test.each(['chunked.bin', 'packed.bin'])('reads %s, whose length is not known beforehand', async (path) => {
    let last: [number, number] = [0, 1];
    const bytes = await open().read(path, { onBytes: (...step) => (last = step) });
    expect(Buffer.compare(bytes, BIG)).toBe(0);
    expect(bytes.buffer.byteLength).toBe(BIG.length);
    expect(last).toEqual([BIG.length, 0]);
  });

  test('a stated length that is too small, as of an encoding that another origin hides, is no total', async () => {
    const steps: number[][] = [];
    vi.stubGlobal('fetch', async () => new Response(BIG, { headers: { 'content-length': '5' } }));
    try {
      expect(Buffer.compare(await open().read('x.bin', { onBytes: (...s) => steps.push(s) }), BIG)).toBe(0);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(steps.at(-1)).toEqual([BIG.length, 0]);
  });

  test('reads a part, and less where the file ends', async () => {
    const folder = open();
    expect(await folder.tryReadPart('ranged.bin', 10, 20)).toEqual({
      bytes: BIG.slice(10, 20),
      begin: 10,
      size: BIG.length,
    });
    expect(await folder.tryReadPart('ranged.bin', BIG.length - 5, BIG.length + 5)).toEqual({
      bytes: BIG.slice(-5),
      begin: BIG.length - 5,
      size: BIG.length,
    });
    expect(await folder.tryReadPart('ranged.bin', BIG.length + 5, BIG.length + 9)).toMatchObject({
      bytes: new Uint8Array(0),
      size: BIG.length,
    });
    expect(await folder.tryReadPart('unnamed.bin', 10, 20)).toEqual({
      bytes: BIG.slice(10, 20),
      begin: 10,
      size: null,
    });
  });

  test('a server without ranges gives the whole file; no file, a failing server and another part are told apart', async () => {
    const folder = open();
    expect(await folder.tryReadPart('big.safetensors', 10, 20)).toEqual({ bytes: BIG, begin: 0, size: BIG.length });
    for (const path of ['nowhere.json', 'fallback.json']) expect(await folder.tryReadPart(path, 0, 9)).toBeNull();
    await expect(folder.tryReadPart('broken.json', 0, 9)).rejects.toThrow(/500/);
    for (const path of ['shifted.bin', 'unnamed.bin'])
      await expect(folder.tryReadPart(path, 10, path === 'unnamed.bin' ? 15 : 20)).rejects.toThrow(/another part/);
    // The server sends more than the range, and says so.
    expect((await folder.tryReadPart('endless.bin', 10, 20))!.bytes).toEqual(BIG.slice(10, 20));
    await expect(folder.tryReadPart('ranged.bin', 0, 9, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });

  test('reads an empty file, and escapes names', async () => {
    expect(await open().read('empty.bin')).toHaveLength(0);
    expect(await open().read('sae/a b#.json')).toHaveLength(2);
  });

  test.each(['nowhere.json', 'fallback.json', 'gone.json'])('%s is missing', async (path) => {
    expect(await open().tryRead(path)).toBeNull();
    await expect(open().read(path)).rejects.toThrow(MissingFileError);
    await expect(open().read(path)).rejects.toThrow(path);
  });

  test('a failing server is not the same as no such file', async () => {
    await expect(open().tryRead('broken.json')).rejects.toThrow(/500/);
    await expect(open('http://127.0.0.1:9/').tryRead('config.json')).rejects.toThrow(MissingFileError);
  });

  test('an answer that is cut off is refused', async () => {
    await expect(open().read('cut.bin')).rejects.toThrow(MissingFileError);
  });

  test('stops before and during the way', async () => {
    await expect(open().read('config.json', { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    const stop = new AbortController();
    await expect(open().read('slow.bin', { signal: stop.signal, onBytes: () => stop.abort() })).rejects.toThrow(
      AbortedError,
    );
  });

  test('is one request without a range', async () => {
    log.length = 0;
    await open().read('tagged.bin');
    expect(log).toEqual(['/m/tagged.bin ']);
  });

  test('a failure is said after a second try', async () => {
    log.length = 0;
    await expect(open().read('broken.json')).rejects.toThrow(/500/);
    expect(log).toEqual(['/m/broken.json ', '/m/broken.json ']);
  });

  test('goes through the browser’s cache, with cookies to the page’s own origin alone', async () => {
    const sent: RequestInit[] = [];
    const noting: typeof fetch = (input, init) => {
      sent.push(init!);
      return fetch(input, init);
    };
    const source = smallUrlSource(base, quick({ fetch: noting }));
    await source.read('config.json');
    await source.tryReadPart('ranged.bin', 0, 9);
    expect(sent).toHaveLength(2);
    for (const init of sent) expect(init).toMatchObject({ credentials: 'same-origin', cache: 'default' });
  });

  test('that breaks off is gone on with where it broke, if the answer said which version it is', async () => {
    breaks = 1;
    log.length = 0;
    expect(Buffer.compare(await open().read('tagged.bin'), BIG)).toBe(0);
    expect(log).toEqual(['/m/tagged.bin ', `/m/tagged.bin bytes=100000-${BIG.length - 1}`]);
    breaks = 1;
    log.length = 0;
    expect(Buffer.compare(await open().read('untagged.bin'), BIG)).toBe(0);
    expect(log).toEqual(['/m/untagged.bin ', '/m/untagged.bin ']);
  });

  test('that is longer than the caller takes is refused before its end', async () => {
    for (const path of ['big.safetensors', 'chunked.bin'])
      await expect(open().read(path, { most: 1000 })).rejects.toThrow(/more than the 1000 that are allowed/);
    expect(await open().read('config.json', { most: 2 })).toHaveLength(2);
  });
});
