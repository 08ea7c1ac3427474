import { chmodSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OPEN, STRICT } from '../../tools/vite/policy';
import { listen } from './listen';
import { ask, packageFolder, program } from './testing/program';

let folder: ReturnType<typeof packageFolder>;
let running: ReturnType<typeof program>[];
beforeEach(() => {
  folder = packageFolder();
  running = [];
});
afterEach(async () => {
  for (const one of running) one.end();
  await Promise.all(running.map(({ exit }) => exit));
  folder.remove();
  vi.unstubAllEnvs();
});

const start = (...args: string[]) => {
  const started = program(folder.home, 'serve', ...args);
  running.push(started);
  return started;
};

/** The address that a server printed when it was ready. */
async function served(...args: string[]): Promise<string> {
  const started = start('--port', '0', ...args);
  await started.lines(1);
  return /^Lenslet is at (http:\/\/\S+:\d+\/) {2}\(Ctrl-C stops it\)$/.exec(started.said[0]!)![1]!;
}

const types = {
  '/': 'text/html; charset=utf-8',
  '/index.html?provider=wasm': 'text/html; charset=utf-8',
  '/assets/a.wasm': 'application/wasm',
  '/assets/b.mjs': 'text/javascript; charset=utf-8',
  '/models/m/model.safetensors': 'application/octet-stream',
};

test.each(Object.entries(types))('%s is sent whole, as %s, with its length', async (path, type) => {
  const { status, headers, body } = await ask(await served(), path, { 'accept-encoding': 'gzip, br' });
  expect({
    status,
    type: headers['content-type'],
    length: headers['content-length'],
    encoding: headers['content-encoding'],
  }).toEqual({
    status: 200,
    type,
    length: String(body.length),
    encoding: undefined,
  });
  expect(body.length).toBeGreaterThan(0);
});

test('parts of a file are sent by range, and one behind its end is refused with its size', async () => {
  const address = await served();
  const part = async (range: string) => {
    const { status, headers, body } = await ask(address, '/models/m/model.safetensors', { range });
    return { status, range: headers['content-range'], bytes: [...body] };
  };
  expect(await part('bytes=251-254')).toEqual({ status: 206, range: 'bytes 251-254/100000', bytes: [0, 1, 2, 3] });
  expect(await part('bytes=-2')).toEqual({
    status: 206,
    range: 'bytes 99998-99999/100000',
    bytes: [99_998 % 251, 99_999 % 251],
  });
  expect(await part('bytes=100000-')).toMatchObject({ status: 416, range: 'bytes */100000' });
});

test('an unchanged file is not sent again; another build’s is, even where size and time are the same', async () => {
  const moment = new Date('1985-10-26T08:15:00Z');
  const etags: string[] = [];
  for (const build of ['one', 'two']) {
    folder.put('page/sw.js', `const KEPT = ["${build}"];`);
    folder.put('page/index.html', `<title>${build}</title>`);
    utimesSync(join(folder.home, 'page/index.html'), moment, moment);
    const address = await served();
    const { headers } = await ask(address, '/');
    expect(headers['cache-control']).toBe('no-cache');
    etags.push(headers.etag as string);
    expect((await ask(address, '/', { 'if-none-match': etags.at(-1)! })).status).toBe(304);
    if (etags.length > 1) expect((await ask(address, '/', { 'if-none-match': etags[0]! })).status).toBe(200);
  }
  expect(etags[0]).not.toBe(etags[1]);
});

test('each page comes with its own policy as a header, so that workers and frames are under it too', async () => {
  const address = await served();
  const policy = async (path: string) => (await ask(address, path)).headers['content-security-policy'];
  expect(await policy('/')).toBe(`${STRICT}; frame-ancestors 'none'`);
  expect(await policy('/open.html?model=x')).toBe(`${OPEN}; frame-ancestors 'none'`);
  expect(await policy('/assets/b.mjs')).toBe(`${STRICT}; frame-ancestors 'none'`);
});

test.each([
  '/../package.json',
  '/%2e%2e/package.json',
  '/..%2fpackage.json',
  '/assets/../../package.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/..%5cpackage.json',
  '//package.json',
  '/%00',
  '/%',
  'http://elsewhere/../package.json',
])('nothing outside the page is sent: %s', async (path) => {
  const { status, body } = await ask(await served(), path);
  expect([400, 403, 404]).toContain(status);
  expect(body.toString()).not.toContain('1.2.3');
});

test('what is not there is not found, whatever it is, and nothing can be written', async () => {
  const address = await served();
  expect((await ask(address, '/models/m/features.safetensors')).status).toBe(404);
  expect((await ask(address, '/models/')).status).toBe(404);
  expect((await ask(address, '/', {}, 'POST')).status).toBe(405);
  const { status, headers, body } = await ask(address, '/models/m/model.safetensors', {}, 'HEAD');
  expect([status, headers['content-length'], body.length]).toEqual([200, '100000', 0]);
});

test('a port that is in use is said, and is not replaced by another', async () => {
  const { port } = new URL(await served());
  const second = start('--port', port);
  expect(await second.exit).toBe(1);
  expect(second.complained).toEqual([`Port ${port} is in use. Give another, or none to take a free one.`]);
});

test('without a port, the first free one is taken', async () => {
  const taken = createServer();
  const first = await listen(taken, '127.0.0.1', 0, 0);
  const server = createServer();
  try {
    const found = await listen(server, '127.0.0.1', undefined, first);
    expect(found).toBeGreaterThan(first);
    expect(found).toBe((server.address() as AddressInfo).port);
  } finally {
    taken.close();
    server.close();
  }
});

test('a host that is not this machine’s is refused by name', async () => {
  const { exit, complained } = start('--port', '0', '--host', '192.0.2.1');
  expect(await exit).toBe(1);
  expect(complained).toEqual(['192.0.2.1 is no address of this machine. Leave --host away for 127.0.0.1.']);
});

test('on every address, the one for this machine is printed, and what other machines will miss', async () => {
  const started = start('--port', '0', '--host', '0.0.0.0');
  await started.lines(2);
  expect(started.said[0]).toMatch(/^Lenslet is at http:\/\/127\.0\.0\.1:\d+\/ /);
  expect(started.said[1]).toContain('https');
});

test('a package without its page says so', async () => {
  rmSync(join(folder.home, 'page/sw.js'));
  const { exit, complained } = start('--port', '0');
  expect(await exit).toBe(1);
  expect(complained).toEqual([`There is no built page in ${join(folder.home, 'page')}. Install lenslet again.`]);
});

test('it ends when it is told to, with a connection open and a download under way, and lets go of its port', async () => {
  folder.put('page/models/m/large.bin', new Uint8Array(50_000_000));
  const started = start('--port', '0');
  await started.lines(1);
  const port = Number(/:(\d+)\//.exec(started.said[0]!)![1]);
  const idle = connect(port, '127.0.0.1');
  const loading = connect(port, '127.0.0.1');
  await new Promise((done) => idle.once('connect', done));
  loading.write('GET /models/m/large.bin HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((done) => loading.once('readable', done));
  idle.on('error', () => {});
  loading.on('error', () => {});
  started.end();
  expect(await started.exit).toBe(0);
  expect(started.complained).toEqual([]);
  await expect(ask(`http://127.0.0.1:${port}/`, '/')).rejects.toThrow('ECONNREFUSED');
  idle.destroy();
  loading.destroy();
  // A server that waits for its connections would never end.
}, 60_000);

// Takes the place of the system's own program, so that no browser opens for whoever runs the tests.
test.skipIf(process.platform === 'win32')('--open opens the address, and says where no browser can be', async () => {
  const opened = join(folder.home, 'opened');
  const opener = join(folder.home, process.platform === 'darwin' ? 'open' : 'xdg-open');
  writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`);
  chmodSync(opener, 0o755);
  vi.stubEnv('PATH', `${folder.home}${delimiter}${process.env.PATH}`);
  const address = await served('--open');
  await vi.waitUntil(() => existsSync(opened), { timeout: 120_000 });
  expect(readFileSync(opened, 'utf8')).toBe(address);

  writeFileSync(opener, '#!/bin/sh\nexit 3\n');
  const without = start('--port', '0', '--open');
  await without.lines(2);
  expect(without.complained).toEqual([
    expect.stringMatching(/^No browser could be opened\. Open http:\S+ yourself\.$/),
  ]);
});
