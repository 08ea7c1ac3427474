import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccessDeniedError, InvalidOptionError, MissingFileError } from '../api/errors';
import { noise, quick, readAll, same } from '../testing/hub';
import { openSource } from './open-source';
import { smallUrlSource, urlSource } from './url';

const BYTES = noise(100_000);
const MEGABYTE = Buffer.alloc(1 << 20);

function ranged({
  request,
  response,
  hidden = false,
  etag = null,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  hidden?: boolean;
  etag?: string | null;
}): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const begin = Number(asked?.[1] ?? 0);
  const end = asked?.[2] ? Math.min(Number(asked[2]) + 1, BYTES.length) : BYTES.length;
  const range = hidden ? {} : { 'content-range': `bytes ${begin}-${end - 1}/${BYTES.length}` };
  response.writeHead(asked && request.method === 'GET' ? 206 : 200, {
    'content-length': end - begin,
    ...range,
    ...(etag && { etag }),
  });
  response.end(request.method === 'HEAD' ? undefined : BYTES.subarray(begin, end));
}

const ANSWERS: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/m/ranged.bin': (request, response) => ranged({ request, response }),
  '/m/hidden.bin': (request, response) => ranged({ request, response, hidden: true }),
  '/m/whole.bin': (_, response) => response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES),
  '/m/unstated.bin': (_, response) => {
    response.writeHead(200).write(BYTES.subarray(0, 10));
    response.end(BYTES.subarray(10));
  },
  '/m/no-head.bin': (request, response) =>
    request.method === 'HEAD' ? void response.writeHead(405).end() : ranged({ request, response, hidden: true }),
  '/m/empty.bin': (request, response) =>
    void (request.headers.range ? response.writeHead(416, { 'content-range': 'bytes */0' }) : response).end(),
  '/m/page.json': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>'),
  '/m/closed.json': (_, response) => response.writeHead(403).end(),
  '/m/a%20b%23/c.json': (_, response) => response.writeHead(200, { 'content-length': 2 }).end('{}'),
  // A version of its own for what is compressed, as servers have it.
  '/m/packed.json': (request, response) => {
    if (request.headers.range) return ranged({ request, response, etag: '"1"' });
    response.writeHead(200, { 'content-encoding': 'gzip', etag: 'W/"1"' }).end(gzipSync(BYTES));
  },
  '/m/moved.bin': (_, response) => response.writeHead(302, { location: '/m/ranged.bin' }).end(),
  '/m/endless.bin': (request, response) => {
    response.writeHead(200, { 'content-length': 66 << 20 });
    if (request.method === 'HEAD') return void response.end();
    for (let i = 0; i < 66; i++) response.write(MEGABYTE);
    response.end();
  },
  '/m/long.bin': (request, response) => {
    response.writeHead(200);
    if (request.method === 'HEAD') return void response.end();
    for (let i = 0; i < 66; i++) response.write(MEGABYTE);
    response.end();
  },
};

let server: Server;
let base: string;
const log: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    log.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim());
    const answer = ANSWERS[request.url!];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open = (url = base) => openSource({ kind: 'url', url }, quick());

describe('a folder behind an address', () => {
  test('is asked nothing before its first file, and each length once', async () => {
    log.length = 0;
    const source = await open(`${base}/#part`);
    expect(source.origin).toEqual({ kind: 'url', url: `${base}/` });
    expect(source.list).toBeUndefined();
    expect(log).toEqual([]);
    expect(await source.stat('ranged.bin')).toEqual({ path: 'ranged.bin', size: BYTES.length, sha256: null });
    expect(same(await readAll(source, 'ranged.bin', 20, 99_000), BYTES.slice(20, 99_000))).toBe(true);
    expect(log).toEqual(['GET /m/ranged.bin bytes=0-0', 'GET /m/ranged.bin bytes=20-98999']);
  });

  test.each(['ranged.bin', 'hidden.bin', 'whole.bin', 'unstated.bin', 'moved.bin', 'no-head.bin'])(
    '%s is read whole and by range, however its server states its length',
    async (path) => {
      const source = await open();
      expect(await source.stat(path)).toMatchObject({ size: BYTES.length });
      expect(same(await source.read(path), BYTES)).toBe(true);
      expect(same((await source.tryReadPart(path, 99_000, 200_000))!.bytes, BYTES.slice(99_000))).toBe(true);
      expect(same(await readAll(source, path, 17, 18), BYTES.slice(17, 18))).toBe(true);
    },
  );

  test('has empty files, names to be escaped, and none where the start page is answered', async () => {
    const source = await open();
    expect(await source.read('empty.bin')).toEqual(new Uint8Array(0));
    expect(Buffer.from(await source.read('a b#/c.json')).toString()).toBe('{}');
    expect(await source.stat('page.json')).toBeNull();
    expect(await source.tryRead('none.json')).toBeNull();
    await expect(source.read('none.json')).rejects.toThrow(MissingFileError);
    await expect(source.tryRead('../secret')).rejects.toThrow(MissingFileError);
    await expect(source.tryRead('closed.json')).rejects.toThrow(AccessDeniedError);
  });

  test.each([
    ['the page’s own kind', smallUrlSource],
    ['the streaming kind', urlSource],
  ])('%s reads a file whole and by range from a server that compresses the whole', async (_, kind) => {
    const source = kind(base, quick());
    expect(same(await source.read('packed.json'), BYTES)).toBe(true);
    expect(await source.stat('packed.json')).toMatchObject({ size: BYTES.length });
    expect(same(await readAll(source, 'packed.json', 20, 99_000), BYTES.slice(20, 99_000))).toBe(true);
  });

  test('a server of another origin that takes no HEAD is counted through, and not given up', async () => {
    const noHead: typeof fetch = async (input, init) =>
      init?.method === 'HEAD' ? Promise.reject(new TypeError('Failed to fetch')) : fetch(input, init);
    const source = urlSource(base, quick({ fetch: noHead }));
    expect(await source.stat('hidden.bin')).toMatchObject({ size: BYTES.length });
  });

  test('of a large file on a server without ranges no more is read than the part', async () => {
    let taken = 0;
    const counting: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      const through = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          taken += chunk.length;
          controller.enqueue(chunk);
        },
      });
      return new Response(answer.body!.pipeThrough(through), answer);
    };
    const part = (await urlSource(base, quick({ fetch: counting })).tryReadPart('endless.bin', 0, 9))!;
    expect(part.bytes).toHaveLength(9);
    expect(taken).toBeLessThan(4 << 20);
  });

  test('gives no file whose length cannot be found out', async () => {
    await expect((await open()).stat('long.bin')).rejects.toThrow(/does not say how long/);
  });

  test.each(['nonsense', 'ftp://x/y', 'https://me:pw@x/y', 'https://x/y?signed=1', 'data:text/plain,x'])(
    '%s is refused',
    async (url) => {
      await expect(open(url)).rejects.toThrow(InvalidOptionError);
    },
  );
});
