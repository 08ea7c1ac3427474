import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, OLD_MAN, open, type Page, ran, settled, short, test } from './page';
import { DIST, type StaticHost, serve } from './static-host';

test.use({ engine: 'own', serviceWorkers: 'allow' });

const model = '/models/lenslet-mini';
const steered = `?provider=wasm${short(OLD_MAN, '&e=2:11a1.5')}`;

let host: StaticHost;
test.beforeEach(async () => {
  host = await serve(DIST);
});
test.afterEach(() => host.close());

/** Waits until `offline` says so, and until the worker answers this page. */
async function offlineIs(page: Page, state: string): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-offline', state);
  if (state === 'ready') await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

const snippets = (page: Page, feature: number) =>
  page.evaluate((id) => window.lenslet!.snippets(2, id).then((found) => found.length), feature);

const text = (page: Page, path: string) => page.evaluate((url) => fetch(url).then((answer) => answer.text()), path);

/** Names and sizes of everything that is kept. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const found: { path: string; status: number; bytes: number }[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = (await cache.match(request))!;
        found.push({ path: new URL(request.url).pathname, status: answer.status, bytes: (await answer.blob()).size });
      }
    }
    return found;
  });

test('no request leaves the origin', async ({ page, context, baseURL }) => {
  const elsewhere: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(baseURL!).origin) elsewhere.push(request.url());
  });
  await open(page, short(OLD_MAN, '&e=2:11a1.5'));
  await ran(page);
  expect(elsewhere).toEqual([]);
});

test('after the first load the page needs no server: it opens, traces, steers, shows snippets and writes Chinese', async ({
  page,
  context,
}) => {
  const failed: string[] = [];
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  await offlineIs(page, 'ready');
  await context.setOffline(true);
  await host.close();

  // This page too, which was there before the worker: a feature that it has not asked for, and a chunk that it has not
  // loaded.
  expect(await snippets(page, 37)).toBeGreaterThan(0);
  await page.getByTestId('prompt').fill('The king said to his son');
  await expect(page.getByTestId('chip-1')).toContainText('king');
  await settled(page);

  // Then a load, from what is kept alone: the browser's HTTP cache is emptied, and what the first page has in memory
  // goes with it.
  await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
  const later = await context.newPage();
  await page.close();
  later.on('requestfailed', (request) => failed.push(request.url()));
  await later.goto(`${host.origin}/${steered}`);
  await ran(later);
  expect(Number(await later.getByTestId('run-steered').getAttribute('data-tokens'))).toBeGreaterThan(0);
  await expect(later.getByTestId('kl').locator('svg').first()).toBeVisible();
  expect(await snippets(later, 38)).toBeGreaterThan(0);
  await later.getByTestId('prompt').fill('今天天气很好，我们去公园。');
  await expect(later.getByTestId('chip-0')).toBeVisible();
  await settled(later);
  const fonts = await later.evaluate(async () => {
    const { han } = window.lenslet!.info;
    const faces = await document.fonts.load('15px "Noto Sans SC Variable"', han);
    return { han: han.length, faces: faces.length, loaded: faces.every(({ status }) => status === 'loaded') };
  });
  expect(fonts.han).toBeGreaterThan(3_000);
  expect(fonts.faces).toBeGreaterThan(80);
  expect(fonts.loaded).toBe(true);
  expect(failed).toEqual([]);
  await offlineIs(later, 'ready');
});

test('what is kept is whole and only what this browser asks for; what the page has fetched is asked for again, not sent again', async ({
  page,
}) => {
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  // Parts of this file are in the HTTP cache before the worker asks for the whole.
  expect(
    host.sent.filter(({ path, status }) => path.endsWith('features.safetensors') && status === 206).length,
  ).toBeGreaterThan(2);
  await offlineIs(page, 'ready');
  // What is left out is named, and stored on a word, byte by byte; stopped, nothing of it stays.
  const says = page.getByTestId('offline');
  const rest = page.getByTestId('store-rest');
  const pairs = async () => (await kept(page)).filter(({ path }) => /\/nla\/.*\.safetensors$/.test(path)).length;
  await expect(says).toHaveText('Works offline, but for the verbalizer (24.3 MB)');
  host.stall(`${model}/nla/ar/model.safetensors`, 4_000_000);
  await rest.click();
  await expect(says).toHaveText(/^Storing the verbalizer: [34]\.\d of 24\.3 MB$/);
  await rest.click();
  await expect(says).toHaveText('Works offline, but for the verbalizer (24.3 MB)');
  expect(await pairs()).toBe(0);
  host.stall(null);
  await rest.click();
  await expect(says).toHaveText('Works offline');
  expect(await pairs()).toBe(3);
  const files = await kept(page);
  expect(files.length).toBeGreaterThan(130);
  for (const { path, status, bytes } of files)
    expect({ path, status, bytes }).toEqual({ path, status: 200, bytes: statSync(join(DIST, path)).size });
  expect(files.filter(({ path }) => path.endsWith('.wasm'))).toHaveLength(1);
  // Of a whole file the page gets the part that it asks for.
  const features = `${model}/sae/blocks.2.hook_resid_post/features.safetensors`;
  const part = await page.evaluate(async (url) => {
    const answer = await fetch(url, { headers: { range: 'bytes=16-31' } });
    return { status: answer.status, bytes: [...new Uint8Array(await answer.arrayBuffer())] };
  }, `.${features}`);
  expect(part).toEqual({ status: 206, bytes: [...readFileSync(join(DIST, features)).subarray(16, 32)] });
  // The two files above 8 MB are left out of this: the cache of a private window, which the tests run in, does not take
  // them.
  for (const path of [`${model}/tokenizer.json`, `${model}/sae/blocks.2.hook_resid_post/sae_weights.safetensors`]) {
    expect(host.bytesOf(path)).toBe(statSync(join(DIST, path)).size);
  }
});

test('the verbalizer’s weights are fetched when they are asked for, and then need no server either', async ({
  page,
  context,
}) => {
  const weights = () =>
    host.sent
      .filter(({ path }) => /\/nla\/.*\.safetensors$/.test(path))
      .map(({ path }) => path.slice(path.indexOf('/nla/')));
  const words = (from: Page) =>
    from.evaluate(async () => {
      const row = await window.lenslet!.decoderRow(3, 5);
      let text = '';
      for await (const step of window.lenslet!.verbalize(row, { temperature: 0, maxTokens: 12 })) text = step.text;
      return text;
    });
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  await offlineIs(page, 'ready');
  const says = page.getByTestId('offline');
  await expect(says).toHaveText('Works offline, but for the verbalizer (24.3 MB)');
  // Their sizes may have been asked for, not their bytes.
  const before = weights().length;
  expect(host.bytesOf(`${model}/nla/av/model.safetensors`)).toBeLessThan(1_000);
  const said = await words(page);
  expect(said.length).toBeGreaterThan(5);
  expect(weights().length).toBeGreaterThan(before);
  // The AR is loaded by its own need.
  expect(
    await page.evaluate(() => window.lenslet!.reconstruct('The token is “ a”.').then(({ length }) => length)),
  ).toBe(256);
  await expect(says).toHaveText('Works offline');
  expect((await kept(page)).filter(({ path }) => /\/nla\/.*\.safetensors$/.test(path))).toHaveLength(3);
  await context.setOffline(true);
  await host.close();
  await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
  const later = await context.newPage();
  await page.close();
  await later.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(later);
  expect(await words(later)).toBe(said);
});

test('a new deploy waits until the pages of the old one are closed, then opens whole', async ({
  playwright,
  launchOptions,
}, info) => {
  // A profile of its own, so that the browser can be closed and opened again. Closing the last page would do; but a
  // debugger, which these tests are to the worker, may keep it running when a browser would stop it.
  const profile = info.outputPath('profile');
  const launch = () =>
    playwright.chromium.launchPersistentContext(profile, { ...launchOptions, serviceWorkers: 'allow' });
  let context = await launch();
  const page = await context.newPage();
  const effects = `${model}/effects.json`;
  const old = readFileSync(join(DIST, effects), 'utf8');
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
  let worker = readFileSync(join(DIST, 'sw.js'), 'utf8');
  const deploy = (path: string, change: (now: string) => string) => {
    const before = readFileSync(join(DIST, path));
    const after = Buffer.from(change(before.toString()));
    expect(worker).toContain(hash(before));
    worker = worker.replaceAll(hash(before), hash(after));
    host.replace(path, after);
  };
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  await offlineIs(page, 'ready');
  const count = (await kept(page)).length;
  const sent = host.bytesOf(`${model}/model.safetensors`);

  deploy('/index.html', (html) => html.replace('<title>Lenslet</title>', '<title>Newer</title>'));
  deploy(effects, (json) => `${json}\n`);
  host.replace('/sw.js', Buffer.from(worker));
  await page.reload();
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting != null);
  await settled(page);
  await expect(page.getByTestId('offline')).toHaveText('Newer version waits');
  expect(await page.title()).toBe('Lenslet');
  expect(await text(page, `.${effects}`)).toBe(old);

  await offlineIs(page, 'ready');
  const other = await context.newPage();
  await other.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(other);
  await offlineIs(other, 'ready');
  expect(await other.title()).toBe('Lenslet');
  expect(await text(other, `.${effects}`)).toBe(old);
  await context.close();

  context = await launch();
  const later = await context.newPage();
  await later.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await expect(later).toHaveTitle('Newer');
  await settled(later);
  expect(await text(later, `.${effects}`)).toBe(`${old}\n`);
  await expect.poll(async () => (await kept(later)).length).toBe(count);
  expect(host.bytesOf(`${model}/model.safetensors`)).toBe(sent);
  await context.close();
  rmSync(profile, { recursive: true });
});

test('bytes that are not the build’s are not kept, and the page goes on; the next load makes it good', async ({
  page,
}) => {
  const golden = `${model}/golden.bin`;
  host.replace(golden, Buffer.alloc(statSync(join(DIST, golden)).size));
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  await offlineIs(page, 'unsupported');
  expect((await kept(page)).filter(({ path }) => path === golden)).toEqual([]);
  await page.getByTestId('prompt').fill('The king said to his son');
  await expect(page.getByTestId('chip-1')).toContainText('king');
  host.replace(golden, null);
  await page.reload();
  await settled(page);
  await offlineIs(page, 'ready');
});
