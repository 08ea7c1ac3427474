import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Logged, type LookAlike, startHub } from './server.mjs';

const BYTES = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));

let root: string;
let hub: LookAlike;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'look-alike-'));
  await mkdir(join(root, 'a/b/sae/layer_0'), { recursive: true });
  await writeFile(join(root, 'secret.json'), 'secret');
  await writeFile(join(root, 'a/b/config.json'), '{}');
  await writeFile(join(root, 'a/b/m.safetensors'), BYTES);
  await writeFile(join(root, 'a/b/sae/layer_0/cfg.json'), '{"k": 50}');
  hub = await startHub({ root, cdnPort: 0 });
});
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true });
});
afterEach(() => hub.clearFaults());

const get = (path: string, init?: RequestInit) => fetch(path.startsWith('http') ? path : hub.url + path, init);
const tree = (query = 'recursive=true') =>
  get(`/api/models/a/b/tree/main?${query}`).then((response) => response.json());
const signed = async () =>
  (await get('/a/b/resolve/main/m.safetensors', { redirect: 'manual' })).headers.get('location')!;

describe('the look-alike of the Hub', () => {
  test('says what a repository is, by itself and at a revision', async () => {
    const about = await (await get('/api/models/a/b')).json();
    expect(about).toMatchObject({
      id: 'a/b',
      gated: false,
      private: false,
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(about.siblings).toEqual([
      { rfilename: 'config.json' },
      { rfilename: 'm.safetensors' },
      { rfilename: 'sae/layer_0/cfg.json' },
    ]);
    for (const revision of ['main', 'HEAD', about.sha])
      expect((await (await get(`/api/models/a/b/revision/${revision}`)).json()).sha).toBe(about.sha);
    const none = await get('/api/models/a/b/revision/none');
    expect([none.status, none.headers.get('x-error-code')]).toEqual([404, 'RevisionNotFound']);
    const missing = await get('/api/models/a/none');
    expect([missing.status, missing.headers.get('x-error-code')]).toEqual([401, 'RepoNotFound']);
  });

  test('lists files as git and git-lfs name them', async () => {
    const files = (await tree()).filter(({ type }: { type: string }) => type === 'file');
    const blob = (text: string) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${SHA256}\nsize 5000\n`;
    expect(files).toEqual([
      { type: 'file', path: 'config.json', size: 2, oid: blob('{}') },
      {
        type: 'file',
        path: 'm.safetensors',
        size: 5000,
        oid: blob(pointer),
        lfs: { oid: SHA256, size: 5000, pointerSize: 130 },
      },
      { type: 'file', path: 'sae/layer_0/cfg.json', size: 9, oid: blob('{"k": 50}') },
    ]);
    expect((await tree('')).map(({ path }: { path: string }) => path)).toEqual(['sae', 'config.json', 'm.safetensors']);
  });

  test('sends small files by a redirect on the same host, large ones from another', async () => {
    const small = await get('/a/b/resolve/main/sae/layer_0/cfg.json');
    expect([small.url.startsWith(hub.url), await small.text()]).toEqual([true, '{"k": 50}']);
    const large = await get('/a/b/resolve/main/m.safetensors', { redirect: 'manual' });
    expect([large.status, large.headers.get('x-linked-size'), large.headers.get('x-linked-etag')]).toEqual([
      302,
      '5000',
      `"${SHA256}"`,
    ]);
    const location = large.headers.get('location')!;
    expect(new URL(location).origin).toBe(hub.cdn);
    expect(hub.cdn).not.toBe(hub.url);
    expect(Buffer.from(await (await get(location)).arrayBuffer())).toEqual(BYTES);
    // The storage takes a signature or a token, never both, and nothing that is not signed.
    expect((await get(location, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
    expect((await get(location.replace(/.$/, '-'))).status).toBe(403);
    expect((await get('/a/b/resolve/main/none.json')).headers.get('x-error-code')).toBe('EntryNotFound');
  });

  test('sends ranges and heads', async () => {
    const part = async (range: string) => {
      const response = await get(await signed(), { headers: { range } });
      return [response.status, response.headers.get('content-range'), (await response.arrayBuffer()).byteLength];
    };
    expect(await part('bytes=0-0')).toEqual([206, 'bytes 0-0/5000', 1]);
    expect(await part('bytes=10-19')).toEqual([206, 'bytes 10-19/5000', 10]);
    expect(await part('bytes=4990-9999')).toEqual([206, 'bytes 4990-4999/5000', 10]);
    expect(await part('bytes=4990-')).toEqual([206, 'bytes 4990-4999/5000', 10]);
    expect(await part('bytes=5000-5001')).toEqual([416, 'bytes */5000', 0]);
    const head = await get(await signed(), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5000']);
  });

  test('lets pages of other origins read what the Hub lets them read', async () => {
    const origin = 'https://page.example';
    const api = await get('/api/models/a/b', { headers: { origin } });
    expect(api.headers.get('access-control-allow-origin')).toBe(origin);
    expect(api.headers.get('access-control-expose-headers')).toMatch(/X-Error-Code.*Link.*Content-Range/);
    expect((await get(await signed(), { headers: { origin } })).headers.get('access-control-allow-origin')).toBe('*');
    const asked = await get('/a/b/resolve/main/config.json', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'authorization' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'Authorization, Range, Content-Type',
    ]);
  });

  test('keeps a commit when its branch moves', async () => {
    const { sha } = await (await get('/api/models/a/b')).json();
    await mkdir(join(root, 'next'), { recursive: true });
    await writeFile(join(root, 'next/config.json'), '{"next": 1}');
    const next = await hub.publish('a/b', join(root, 'next'), 'dev');
    expect(await (await get('/a/b/resolve/dev/config.json')).text()).toBe('{"next": 1}');
    expect(await (await get(`/a/b/resolve/${next}/config.json`)).text()).toBe('{"next": 1}');
    expect(await (await get(`/a/b/resolve/${sha}/config.json`)).text()).toBe('{}');
  });

  test.each([
    '/a/b/resolve/main/../../../secret.json',
    '/a/b/resolve/main/..%2f..%2f..%2fsecret.json',
    '/a/../resolve/main/secret.json',
    '/../secret.json',
    '/%2e%2e/x/resolve/main/y',
  ])('serves nothing outside of it: %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain('secret.json"');
  });

  test('is told of faults over HTTP, counts them, and shows its log', async () => {
    const post = (fault: unknown) => get('/_fault', { method: 'POST', body: JSON.stringify(fault) });
    expect((await post({ kind: 'status', status: 429, retryAfter: 3, path: '/api/*', times: 1 })).status).toBe(200);
    const limited = await get('/api/models/a/b', { headers: { authorization: 'Bearer x' } });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    expect((await get('/api/models/a/b')).status).toBe(200);
    const log: Logged[] = await (await get('/_log')).json();
    expect(log.slice(-2)).toMatchObject([
      { method: 'GET', path: '/api/models/a/b', range: null, authorized: true, status: 429 },
      { method: 'GET', path: '/api/models/a/b', range: null, authorized: false, status: 200 },
    ]);
    await post([{ kind: 'status', status: 500 }]);
    expect((await get('/api/models/a/b')).status).toBe(500);
    await get('/_fault', { method: 'DELETE' });
    expect((await get('/api/models/a/b')).status).toBe(200);
    for (const wrong of [{ kind: 'cutt' }, { kind: 'cut', att: 3 }, 4])
      expect((await post(wrong)).status, JSON.stringify(wrong)).toBe(400);
    expect(() => hub.fault({ kind: 'cut', status: 3 })).toThrow(RangeError);
  });

  test('cuts, alters, shifts, slows and mislabels exactly what it is told to', async () => {
    const read = async (range?: string) => {
      const response = await get(await signed(), { headers: range ? { range } : {} });
      const chunks: Uint8Array[] = [];
      let broken = false;
      try {
        for await (const chunk of response.body!) chunks.push(chunk);
      } catch {
        broken = true;
      }
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        length: response.headers.get('content-length'),
        bytes: Buffer.concat(chunks),
        broken,
      };
    };
    const path = '/cdn/a/b/m.safetensors';
    hub.fault({ kind: 'cut', at: 1000, path, times: 1 });
    expect(await read('bytes=1001-1010')).toMatchObject({ broken: false });
    expect(await read()).toMatchObject({ broken: true, status: 200 });
    expect(await read()).toMatchObject({ broken: false, bytes: BYTES });
    hub.fault({ kind: 'alter', at: 12, path, times: 1 });
    const altered = (await read('bytes=10-19')).bytes;
    expect(Array.from(altered, (byte, i) => byte ^ BYTES[10 + i]!)).toEqual([0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]);
    hub.fault({ kind: 'shift', by: 5, path, times: 1 }, { kind: 'shift', by: 5, silent: true, path, times: 1 });
    expect(await read('bytes=10-19')).toMatchObject({ range: 'bytes 15-24/5000', bytes: BYTES.subarray(15, 25) });
    expect(await read('bytes=10-19')).toMatchObject({ range: 'bytes 10-19/5000', bytes: BYTES.subarray(15, 25) });
    hub.fault({ kind: 'whole', path, times: 1 });
    expect(await read('bytes=10-19')).toMatchObject({ status: 200, range: null, bytes: BYTES });
    hub.fault({ kind: 'length', by: 7, path, times: 1 });
    expect(await read('bytes=10-19')).toMatchObject({ length: '17', broken: true });
    hub.fault({ kind: 'slow', rate: 25_000, path, times: 1 });
    const started = performance.now();
    expect((await read()).bytes).toEqual(BYTES);
    expect(performance.now() - started).toBeGreaterThan(150);
  });

  test('runs from the command line', async () => {
    const child = spawn(process.execPath, [SERVER, '--root', root, '--port', '0']);
    try {
      const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)![0];
      expect((await (await fetch(`${url}/api/models/a/b`)).json()).id).toBe('a/b');
      expect(Buffer.from(await (await fetch(`${url}/a/b/resolve/main/m.safetensors`)).arrayBuffer())).toEqual(BYTES);
    } finally {
      child.kill();
    }
    await expect(promisify(execFile)(process.execPath, [SERVER])).rejects.toMatchObject({ code: 2 });
  });
});
