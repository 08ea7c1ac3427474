import { expect, OLD_MAN, open, ran, settled, short, test } from './page';

// What the other specs rely on: the engine is handed on, and nothing else is.
test.describe.configure({ mode: 'serial' });

test('a page that leaves in the middle of a run', async ({ page }) => {
  await open(page, `#p=${encodeURIComponent('She said to the king')}&g=0.7,0.95,16,300&e=2:11a1.5`);
  await expect
    .poll(async () => Number(await page.getByTestId('run-baseline').getAttribute('data-tokens')))
    .toBeGreaterThan(2);
  await page.evaluate(async () => {
    localStorage.setItem('left', 'behind');
    sessionStorage.setItem('left', 'behind');
    await (await caches.open('left')).put('/left', new Response('behind'));
    await (await (await navigator.storage.getDirectory()).getFileHandle('left', { create: true })).getFile();
    (window as unknown as { left: string }).left = 'behind';
    const keeper = window.opener as { started: number; before: number };
    keeper.before = keeper.started;
  });
});

test('has the next one begin with nothing, on the same engine, which is free', async ({ page }) => {
  await open(page, short(OLD_MAN));
  const found = await page.evaluate(async () => {
    const databases = await Promise.all(
      (await indexedDB.databases()).map(
        ({ name }) =>
          new Promise<number>((resolve) => {
            const asked = indexedDB.open(name!);
            asked.onsuccess = () => {
              const stores = [...asked.result.objectStoreNames];
              const counts = stores.map(
                (store) =>
                  new Promise<number>((done) => {
                    const count = asked.result.transaction(store).objectStore(store).count();
                    count.onsuccess = () => done(count.result);
                  }),
              );
              void Promise.all(counts).then((all) => resolve(all.reduce((a, b) => a + b, 0)));
            };
          }),
      ),
    );
    const names: string[] = [];
    for await (const [name] of await navigator.storage.getDirectory()) names.push(name);
    const keeper = window.opener as { started: number; before: number };
    return {
      local: localStorage.getItem('left'),
      session: sessionStorage.getItem('left'),
      caches: await caches.has('left'),
      files: names.includes('left'),
      global: 'left' in window,
      records: databases.reduce((a, b) => a + b, 0),
      engines: keeper.started - keeper.before,
    };
  });
  expect(found).toEqual({
    local: null,
    session: null,
    caches: false,
    files: false,
    global: false,
    records: 0,
    engines: 0,
  });
  await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(0);
  // The run before was stopped, not waited for: of its 300 tokens the engine owes nobody one.
  expect(
    await page.evaluate((text) => window.lenslet!.trace(text).then((trace) => trace.tokens.length), OLD_MAN),
  ).toBeGreaterThan(3);
});

test('and answers each page as an engine of its own would', async ({ page, context }) => {
  const link = short(OLD_MAN, '&e=2:11a1.5');
  await open(page, link);
  await ran(page);
  const other = await context.newPage();
  await open(other, link);
  await ran(other);
  expect(await other.evaluate(() => window.opener)).toBeNull();
  const view = async (of: typeof page) => ({
    texts: await Promise.all(
      ['baseline', 'steered', 'control'].map((kind) => of.getByTestId(`run-${kind}`).textContent()),
    ),
    features: await of.locator('[data-testid^="feature-row-"]').allTextContents(),
  });
  expect(await view(page)).toEqual(await view(other));
  await settled(page);
});
