import { existsSync, readFileSync } from 'node:fs';
import { expect, OLD_MAN, open, type Page, ran, settled, test } from './page';

test.use({ engine: 'own' });

// The engine's WebGPU path in the built page. In software a decode step takes about half a second, so texts are short.
const link = `#p=${encodeURIComponent(OLD_MAN)}&g=0,1,16,3&e=2:11a1.5`;
const texts = (of: Page) =>
  Promise.all(['baseline', 'steered', 'control'].map((kind) => of.getByTestId(`run-${kind}`).textContent()));

test('the page steers on WebGPU, and writes what wasm writes', async ({ page, context }) => {
  await page.goto(`./?provider=webgpu${link}`);
  await expect(page.getByTestId('status-provider')).toHaveText('WebGPU');
  await ran(page);
  const other = await context.newPage();
  await open(other, link);
  await ran(other);
  expect(await texts(page)).toEqual(await texts(other));
});

test('the page outlives a lost device: it opens the model again by itself, and writes the same', async ({
  page,
  browser,
}) => {
  // Three small blocks, opened quickly: what is told apart here is a device that is there from one that is not.
  const small = 'fixtures/kept/1/folder/';
  const inSmall = ({ pathname }: URL) => pathname.split('/models/small/')[1];
  await page.route(
    (url) => inSmall(url) !== undefined,
    (route) => {
      const file = small + inSmall(new URL(route.request().url()));
      return existsSync(file) ? route.fulfill({ body: readFileSync(file) }) : route.fulfill({ status: 404 });
    },
  );
  const { text } = JSON.parse(readFileSync('fixtures/kept/1/expected.json', 'utf8')).asFolder as { text: string };
  await page.goto(`./?provider=webgpu&model=./models/small/#p=${encodeURIComponent(text)}&g=0,1,16,4&e=2:11a1.5`);
  await expect(page.getByTestId('status-provider')).toHaveText('WebGPU');
  await ran(page);
  const before = await texts(page);
  expect(before[1]).not.toBe('');

  // The GPU process dies, as it does when a driver resets.
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  process.kill(processInfo.find(({ type }) => type === 'GPU')!.id, 'SIGKILL');
  await expect(page.getByTestId('recovered')).toContainText('The GPU device was lost');
  await expect(page.getByTestId('recovered')).toContainText('text and edits are kept');
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(text);
  await expect(page.getByTestId('steer-row-0')).toContainText('2:11');
  await expect(page.getByTestId('status-provider')).toHaveText('WebGPU');
  await page.getByTestId('generate').click();
  await ran(page);
  expect(await texts(page)).toEqual(before);
});
