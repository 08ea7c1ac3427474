import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  AccessDeniedError,
  CorruptFileError,
  InvalidOptionError,
  MissingFileError,
  RateLimitedError,
} from '../api/errors';
import type { HubSource } from '../api/model';
import { noise, quick, readAll, same, type TestHub, testHub } from '../testing/hub';
import { openSource } from './open-source';
import type { ConnectionOptions } from './retry';

const REPO = 'Qwen/Qwen3-1.7B-Base';
const CONFIG = '{"model_type": "qwen3"}';
const WEIGHTS = noise(300_000);
const SHORT = noise(2000, 7);
const FILES = '/cdn/*';
const SHA256 = createHash('sha256').update(WEIGHTS).digest('hex');

let hub: TestHub;
beforeAll(async () => {
  hub = await testHub({ page: 2, gated: ['Owner/gated'], private: ['Owner/private'], tokens: ['hf_right'] });
  await hub.write(REPO, {
    'config.json': CONFIG,
    'model.safetensors': WEIGHTS,
    'short.safetensors': SHORT,
    'empty.txt': '',
    'README.md': '---\nlicense: apache-2.0\n---\n# Card',
    'sae/layer 0#/cfg.json': '{}',
  });
  await hub.write('Owner/gated', {
    'config.json': '{}',
    'README.md': '---\nlicense: other\nlicense_name: qwen\n---\n',
  });
  await hub.write('Owner/private', { 'config.json': '{}' });
});
afterAll(() => hub.close());
afterEach(() => {
  hub.clearFaults();
  hub.log.length = 0;
});

function open(options: ConnectionOptions = quick(), asked: Partial<HubSource> = {}) {
  return openSource({ kind: 'hub', repo: REPO, endpoint: hub.url, ...asked }, options);
}

describe('a repository', () => {
  test('is resolved to a commit, its files listed over all pages, its licence named', async () => {
    const source = await open();
    expect(source.name).toBe(REPO);
    expect(source.licence).toBe('apache-2.0');
    expect(source.origin).toEqual({
      kind: 'hub',
      endpoint: hub.url,
      repo: REPO,
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      asked: 'main',
    });
    expect((await source.list!()).sort()).toEqual([
      'README.md',
      'config.json',
      'empty.txt',
      'model.safetensors',
      'sae/layer 0#/cfg.json',
      'short.safetensors',
    ]);
    expect(hub.log.filter(({ path }) => path.includes('/tree/')).length).toBeGreaterThan(2);
    expect(await source.stat('model.safetensors')).toEqual({
      path: 'model.safetensors',
      size: WEIGHTS.length,
      sha256: SHA256,
    });
    expect(await source.stat('config.json')).toEqual({ path: 'config.json', size: CONFIG.length, sha256: null });
    expect(await source.stat('other.json')).toBeNull();
  });

  test('is read whole, by range and as a stream', async () => {
    const source = await open();
    const progress: number[][] = [];
    expect(
      Buffer.from(await source.read('config.json', { onBytes: (...each) => progress.push(each) })).toString(),
    ).toBe(CONFIG);
    expect(progress.at(-1)).toEqual([CONFIG.length, CONFIG.length]);
    expect(same(await source.read('model.safetensors'), WEIGHTS)).toBe(true);
    expect(await source.read('empty.txt')).toEqual(new Uint8Array(0));
    expect(Buffer.from(await source.read('sae/layer 0#/cfg.json')).toString()).toBe('{}');
    expect(await source.tryRead('other.json')).toBeNull();
    await expect(source.read('other.json')).rejects.toThrow(MissingFileError);
    expect(await source.tryReadPart('model.safetensors', 1000, 5000)).toEqual({
      bytes: WEIGHTS.slice(1000, 5000),
      begin: 1000,
      size: WEIGHTS.length,
    });
    expect(await source.tryReadPart('short.safetensors', 1990, 5000)).toEqual({
      bytes: SHORT.slice(1990),
      begin: 1990,
      size: 2000,
    });
    expect((await source.tryReadPart('short.safetensors', 3000, 5000))!.bytes).toHaveLength(0);
    expect(same(await readAll(source, 'model.safetensors', 12_345, 250_001), WEIGHTS.slice(12_345, 250_001))).toBe(
      true,
    );
    expect(hub.log.filter(({ path }) => path.startsWith('/cdn/')).at(-1)!.range).toBe('bytes=12345-250000');
    await expect(readAll(source, 'short.safetensors', 0, 2001)).rejects.toThrow(MissingFileError);
  });

  test('stays at its commit when the branch moves', async () => {
    await hub.write('Owner/moving', { 'config.json': 'old', 'model.safetensors': SHORT });
    const source = await open(quick(), { repo: 'Owner/moving' });
    const later = await hub.write('later', { 'config.json': 'new', 'model.safetensors': SHORT.slice(0, 100) });
    const commit = await hub.publish('Owner/moving', later);
    expect(Buffer.from(await source.read('config.json')).toString()).toBe('old');
    expect(await source.read('model.safetensors')).toEqual(SHORT);
    const moved = await open(quick(), { repo: 'Owner/moving' });
    expect(moved.origin).toMatchObject({ revision: commit, asked: 'main' });
    expect(Buffer.from(await moved.read('config.json')).toString()).toBe('new');
    const old = (source.origin as { revision: string }).revision;
    const pinned = await open(quick(), { repo: 'Owner/moving', revision: old });
    expect(pinned.origin).toMatchObject({ revision: old, asked: old });
    expect(await pinned.read('model.safetensors')).toEqual(SHORT);
  });

  test('names a licence that is none of the usual ones by its own name', async () => {
    expect((await open(quick(), { repo: 'Owner/gated' })).licence).toBe('qwen');
    expect((await open(quick(), { repo: 'Owner/moving' })).licence).toBeNull();
  });

  test.each(['Qwen', 'a/b/c', '../b', 'a/..', 'a b/c', 'a/b?x', 'https://x/y'])(
    'called %j is refused unasked',
    async (repo) => {
      await expect(open(quick(), { repo })).rejects.toThrow(InvalidOptionError);
      expect(hub.log).toEqual([]);
    },
  );

  test.each([
    [{ revision: '../../x' }],
    [{ revision: 'a b' }],
    [{ endpoint: 'ftp://x' }],
    [{ endpoint: 'https://me:pw@x' }],
    [{ endpoint: 'nonsense' }],
    [{ endpoint: 'http://hub.example', token: 'hf_right' }],
    [{ token: 'hf_with\nline' }],
  ])('asked for as %j is refused unasked', async (asked) => {
    await expect(open(quick(), asked)).rejects.toThrow(InvalidOptionError);
    expect(hub.log).toEqual([]);
  });

  test.each(['../config.json', '/config.json', 'a//b', 'a/./b', 'a\\b', 'a\nb', ''])('has no path %j', async (path) => {
    const source = await open();
    hub.log.length = 0;
    await expect(source.tryRead(path)).rejects.toThrow(MissingFileError);
    await expect(readAll(source, path, 0, 1)).rejects.toThrow(MissingFileError);
    expect(hub.log).toEqual([]);
  });
});

describe('a token', () => {
  test('is sent to the endpoint and left out when a redirect leads elsewhere', async () => {
    const source = await open(quick(), { token: 'hf_right' });
    await source.read('model.safetensors');
    await source.read('config.json');
    const asked = (cdn: boolean) => hub.log.filter(({ path }) => path.startsWith('/cdn/') === cdn);
    expect(asked(true).length).toBe(1);
    expect(asked(true).every(({ authorized }) => !authorized)).toBe(true);
    expect(asked(false).length).toBeGreaterThan(4);
    expect(asked(false).every(({ authorized }) => authorized)).toBe(true);
  });

  test('is never sent where none was given', async () => {
    await (await open()).read('model.safetensors');
    expect(hub.log.some(({ authorized }) => authorized)).toBe(false);
  });

  test('is not sent to where a listing names its next page', async () => {
    const elsewhere: string[] = [];
    const source = await open(
      quick({
        async fetch(input, init) {
          const url = String(input);
          if (!url.startsWith(hub.url)) elsewhere.push(url);
          const response = await fetch(input, init);
          const link = response.headers.get('link');
          if (!link) return response;
          return new Response(response.body, {
            headers: { 'content-type': 'application/json', link: link.replace(hub.url, 'https://other.example') },
          });
        },
      }),
      { token: 'hf_right' },
    );
    expect(elsewhere).toEqual([]);
    expect(await source.stat('short.safetensors')).toMatchObject({ size: 2000 });
  });

  test('opens what is gated or private; without it the error says what to do', async () => {
    const gated = await open(quick(), { repo: 'Owner/gated' });
    const denied = await gated.read('config.json').catch((error) => error);
    expect(denied).toBeInstanceOf(AccessDeniedError);
    expect(denied.message).toMatch(/Accept them on .*\/Owner\/gated, then give a token/);
    expect(denied.fields).toMatchObject({ status: 401, code: 'GatedRepo', page: `${hub.url}/Owner/gated` });
    const wrong = await open(quick(), { repo: 'Owner/gated', token: 'hf_wrong' });
    await expect(wrong.read('config.json')).rejects.toThrow(/this token's account did not/);
    const right = await open(quick(), { repo: 'Owner/gated', token: 'hf_right' });
    expect(Buffer.from(await right.read('config.json')).toString()).toBe('{}');

    await expect(open(quick(), { repo: 'Owner/private' })).rejects.toThrow(AccessDeniedError);
    expect(await (await open(quick(), { repo: 'Owner/private', token: 'hf_right' })).stat('config.json')).toMatchObject(
      { size: 2 },
    );
  });
});

describe('what the server answers', () => {
  test('401 and 403 are a denied access, at once', async () => {
    for (const status of [401, 403]) {
      const options = quick();
      hub.fault({ kind: 'status', status, path: '/api/*', times: 1 });
      await expect(open(options)).rejects.toThrow(AccessDeniedError);
      expect(options.pauses).toEqual([]);
    }
    const source = await open();
    hub.fault({ kind: 'status', status: 403, path: '*/resolve/*' });
    await expect(source.read('model.safetensors')).rejects.toThrow(AccessDeniedError);
  });

  test('404 is a missing repository, revision or file', async () => {
    await expect(open(quick(), { repo: 'Owner/none', token: 'hf_right' })).rejects.toThrow(MissingFileError);
    await expect(open(quick(), { revision: 'no-such' })).rejects.toThrow(/has no revision no-such/);
    const source = await open();
    hub.fault({ kind: 'status', status: 404, path: '*/resolve/*' });
    await expect(source.read('model.safetensors')).rejects.toThrow(MissingFileError);
  });

  test('429 is waited for as it says, at most a minute, then thrown', async () => {
    const options = quick();
    const source = await open(options);
    hub.fault(
      { kind: 'status', status: 429, retryAfter: 7, path: '*/resolve/*', times: 1 },
      { kind: 'status', status: 429, retryAfter: 3600, times: 1 },
    );
    expect(same(await source.read('model.safetensors'), WEIGHTS)).toBe(true);
    expect(options.pauses).toEqual([7000, 60_000]);

    options.pauses.length = 0;
    hub.fault({ kind: 'status', status: 429, path: FILES });
    await expect(source.read('model.safetensors')).rejects.toThrow(RateLimitedError);
    expect(options.pauses).toEqual([5000, 10_000, 20_000, 40_000]);

    hub.clearFaults();
    hub.fault({ kind: 'status', status: 429, path: '/api/*' });
    await expect(open()).rejects.toThrow(RateLimitedError);
  });

  test('5xx is tried again with growing pauses, six times in all', async () => {
    const options = quick();
    const source = await open(options);
    hub.fault({ kind: 'status', status: 500, path: '*/resolve/*', times: 5 });
    expect(same(await source.read('model.safetensors'), WEIGHTS)).toBe(true);
    expect(options.pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);

    options.pauses.length = 0;
    hub.log.length = 0;
    hub.fault({ kind: 'status', status: 503, path: FILES });
    await expect(source.read('model.safetensors')).rejects.toThrow(MissingFileError);
    expect(hub.log.filter(({ path }) => path.startsWith('/cdn/'))).toHaveLength(6);
  });

  test('a signed address that has run out is asked for anew', async () => {
    const source = await open();
    hub.fault({ kind: 'status', status: 403, path: FILES, times: 2 });
    expect(same(await source.read('model.safetensors'), WEIGHTS)).toBe(true);
    expect(hub.log.filter(({ path }) => path.includes('/resolve/'))).toHaveLength(3);
  });

  test('a page of the network instead of the file is refused', async () => {
    const source = await open();
    hub.fault({ kind: 'page', path: FILES });
    await expect(source.read('model.safetensors')).rejects.toThrow(/a web page/);
    hub.fault({ kind: 'page', path: '/api/*' });
    await expect(open()).rejects.toThrow(MissingFileError);
  });

  test('altered bytes are found in files read whole', async () => {
    const source = await open();
    hub.fault({ kind: 'alter', at: 299_999, path: FILES });
    await expect(source.read('model.safetensors')).rejects.toThrow(CorruptFileError);
    hub.fault({ kind: 'alter', at: 3, path: '*config.json' });
    await expect(source.read('config.json')).rejects.toThrow(CorruptFileError);
    hub.fault({ kind: 'alter', at: 0, path: FILES });
    expect(same(await readAll(source, 'model.safetensors'), WEIGHTS)).toBe(false);
  });

  test('an answer that is no Hub’s is refused', async () => {
    const answers = ['null', '[]', '{"id": "a/b"}', 'no JSON', '{"sha": "0123"}', '{"sha": 4}'];
    for (const answer of answers)
      await expect(open(quick({ fetch: async () => new Response(answer) }))).rejects.toThrow(CorruptFileError);
    const commit = '0'.repeat(40);
    const tree = (body: string, headers?: Record<string, string>) =>
      open(
        quick({
          fetch: async (input) =>
            new Response(String(input).includes('/tree/') ? body : `{"sha": "${commit}"}`, { headers }),
        }),
      );
    await expect(tree('{"error": "x"}')).rejects.toThrow(CorruptFileError);
    await expect(tree('[{"type": "file", "path": "a", "size": -1}]')).rejects.toThrow(CorruptFileError);
    await expect(tree('[{"type": "file", "path": "a", "size": "12"}]')).rejects.toThrow(CorruptFileError);
    await expect(tree('[]', { link: '<https://x.example/api/models/a/b/tree/c>; rel="next"' })).rejects.toThrow(
      /without an end/,
    );
    const odd = await tree(
      '[{"type": "file", "path": "../a", "size": 1}, {"type": "file", "path": "b", "size": 1, "oid": "x", "lfs": {"oid": "y"}}, {"type": "directory"}]',
    );
    expect(await odd.list!()).toEqual(['b']);
    expect(await odd.stat('b')).toEqual({ path: 'b', size: 1, sha256: null });
    const other = open(quick({ fetch: async () => new Response(`{"sha": "${'1'.repeat(40)}"}`) }), {
      revision: commit,
    });
    await expect(other).rejects.toThrow(CorruptFileError);
  });
});

describe('a connection', () => {
  test('cut at any byte gives the same bytes', async () => {
    const source = await open();
    for (let at = 0; at < SHORT.length; at++) {
      hub.fault({ kind: 'cut', at, path: '/cdn/*short.safetensors', times: 1 });
      expect(same(await readAll(source, 'short.safetensors'), SHORT), `cut at ${at}`).toBe(true);
    }
    // The hub logs an answer only after its connection has closed.
    await expect
      .poll(() => hub.log.filter(({ path, status }) => path.startsWith('/cdn/') && status === 206).length)
      .toBe(2 * SHORT.length);
  });

  test('is taken up at the byte it reached, and any progress begins the count anew', async () => {
    const options = quick();
    const source = await open(options);
    hub.fault({ kind: 'cut', after: 10_000, path: FILES });
    // Each of 30 pieces is cut off; a lost one is requested again.
    expect(same(await readAll(source, 'model.safetensors'), WEIGHTS)).toBe(true);
    const begins = hub.log
      .filter(({ path }) => path.startsWith('/cdn/'))
      .map(({ range }) => Number(/=(\d+)/.exec(range!)![1]));
    expect(begins.length).toBeGreaterThanOrEqual(30);
    expect(begins).toEqual([...begins].sort((a, b) => a - b));
  });

  test('that never brings a byte is given up', async () => {
    const source = await open();
    hub.fault({ kind: 'cut', at: 5000, path: FILES });
    await expect(readAll(source, 'model.safetensors')).rejects.toThrow(/6 times in a row/);
    const gone = await testHub();
    await gone.close();
    await expect(open(quick(), { endpoint: gone.url })).rejects.toThrow(/3 times in a row/);
  });
});
