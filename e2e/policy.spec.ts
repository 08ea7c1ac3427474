import { expect, OLD_MAN, type Page, ran, settled, short, test } from './page';
import { DIST, type StaticHost, serve } from './static-host';

test.use({ engine: 'own', serviceWorkers: 'allow' });

/** Everything here runs on a host that sends no header: what holds is the policy in the page. */
let host: StaticHost;
let elsewhere: StaticHost;
test.beforeEach(async () => {
  [host, elsewhere] = await Promise.all([serve(DIST), serve('public', { cors: true })]);
});
test.afterEach(() => Promise.all([host.close(), elsewhere.close()]));

const foreign = () => `${elsewhere.origin}/models/lenslet-mini/`;

/** Directives that were violated, in the page (which writes them to the console) and in its workers (which only tell
 *  themselves). */
interface Violations {
  page: string[];
  workers: () => Promise<string[]>;
}

function violations(page: Page): Violations {
  const found: string[] = [];
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) found.push(message.text());
  });
  page.on('worker', (worker) => {
    const listen = () => {
      const told: string[] = [];
      (self as Told).told = told;
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => told.push(effectiveDirective));
    };
    worker.evaluate(listen).catch(() => undefined); // a worker that has ended already has violated nothing
  });
  const told = () => (self as Told).told ?? [];
  return {
    page: found,
    workers: async () => (await Promise.all(page.workers().map((worker) => worker.evaluate(told)))).flat(),
  };
}

type Told = typeof self & { told?: string[] };

/** Every way out that a script has; none of them may reach `url`. */
async function tryAll(url: string): Promise<void> {
  const ways = [
    () => fetch(`${url}?fetch`, { mode: 'no-cors' }),
    () => import(/* @vite-ignore */ `${url}?import`),
    () =>
      new Promise((done) => Object.assign(new WebSocket(url.replace('http', 'ws')), { onerror: done, onopen: done })),
    () => new Promise((done) => Object.assign(new EventSource(`${url}?events`), { onerror: done })),
    () => 'sendBeacon' in navigator && navigator.sendBeacon(`${url}?beacon`, 'x'),
    () =>
      'Image' in globalThis &&
      new Promise((done) => Object.assign(new Image(), { onerror: done, onload: done, src: `${url}?image` })),
    () => new Worker(URL.createObjectURL(new Blob([`fetch('${url}?nested')`]))),
  ];
  for (const way of ways)
    await Promise.resolve()
      .then(way)
      .catch(() => undefined);
  await new Promise((done) => setTimeout(done, 500));
}

test('neither the page nor the engine’s worker reaches another origin', async ({ page }) => {
  const found = violations(page);
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN)}`);
  await settled(page);
  const engine = page.workers()[0]!;
  expect([found.page, await found.workers()]).toEqual([[], []]);
  await engine.evaluate(tryAll, `${elsewhere.origin}/worker`);
  expect((await found.workers()).length).toBeGreaterThan(2);
  await page.evaluate(tryAll, `${elsewhere.origin}/page`);
  expect(found.page.length).toBeGreaterThan(3);
  expect(elsewhere.sent).toEqual([]);
  // The page goes on, and reaches its own.
  await page.getByTestId('prompt').fill('The king said to his son');
  await expect(page.getByTestId('chip-1')).toContainText('king');
});

test('a session asks for nothing that the policy refuses', async ({ page }) => {
  const found = violations(page);
  await page.goto(`${host.origin}/?provider=wasm${short(OLD_MAN, '&s=2&f=11&e=2:11a1.5')}`);
  await ran(page);
  await expect(page.getByTestId('kl').locator('svg').first()).toBeVisible();
  await expect(page.getByRole('list', { name: 'Similar here' })).toBeVisible();
  await page.getByTestId('prompt').fill('今天天气很好，我们去公园。');
  await settled(page);
  await page.getByTestId('generate').click();
  await ran(page);
  await expect(page.locator('html')).toHaveAttribute('data-offline', 'ready');
  expect([found.page, await found.workers()]).toEqual([[], []]);
  await page.reload();
  await settled(page);
  expect([found.page, await found.workers()]).toEqual([[], []]);
});

test('a model from elsewhere is opened by the second page, and only on the user’s word', async ({ page }) => {
  const found = violations(page);
  const query = `?provider=wasm&model=${encodeURIComponent(foreign())}`;
  await page.goto(`${host.origin}/${query}${short(OLD_MAN)}`);
  await expect(page.getByTestId('ask-foreign')).toContainText(new URL(foreign()).host);
  expect(elsewhere.sent).toEqual([]);
  await page
    .getByTestId('ask-foreign')
    .getByRole('button', { name: `Open ${new URL(foreign()).host}` })
    .click();
  await page.waitForURL((url) => url.pathname === '/open.html' && url.search === query);
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  expect(elsewhere.sent.some(({ path }) => path.endsWith('model.safetensors'))).toBe(true);
  expect(await page.evaluate(() => window.lenslet!.info.model)).toContain('lenslet-mini');
  expect([found.page, await found.workers()]).toEqual([[], []]);
  // It is not this page's model: nothing of it is kept.
  expect(await page.evaluate(() => caches.keys())).toEqual([]);

  // The word was for that folder and that tab.
  await page.reload();
  await settled(page);
  await page.waitForLoadState('networkidle'); // what the page asks for once the model is open
  const before = elsewhere.sent.length;
  await page.goto(`${host.origin}/open.html?provider=wasm&model=${encodeURIComponent(`${elsewhere.origin}/other/`)}`);
  await expect(page.getByTestId('ask-foreign')).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(`${host.origin}/open.html${query}`);
  await expect(other.getByTestId('ask-foreign')).toBeVisible();
  expect(elsewhere.sent.length).toBe(before);
});

test('the page’s own model is opened by the strict page', async ({ page }) => {
  await page.goto(`${host.origin}/open.html?provider=wasm${short(OLD_MAN)}`);
  await page.waitForURL((url) => url.pathname === '/');
  await settled(page);
  await page.evaluate(tryAll, `${elsewhere.origin}/page`);
  expect(elsewhere.sent).toEqual([]);
});

test('the preview server sends the policy as a header too, and lets no page frame it', async ({ request }) => {
  const policyOf = async (path: string) => (await request.get(path)).headers()['content-security-policy'];
  expect(await policyOf('./')).toMatch(/default-src 'none';.*connect-src 'self'; frame-ancestors 'none'$/);
  expect(await policyOf('./open.html?model=x')).toMatch(/connect-src http: https:; frame-ancestors 'none'$/);
  expect(await policyOf('./sw.js')).toContain("connect-src 'self'");
});
