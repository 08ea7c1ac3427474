import { expect, OLD_MAN, open, ran, settled, test } from './page';

test.use({ engine: 'own' });

// The engine's WebGPU path in the built page. In software a decode step takes about half a second, so texts are short.
const link = `#p=${encodeURIComponent(OLD_MAN)}&g=0,1,16,4&e=2:11a1.5`;

test('the page steers on WebGPU, writes what wasm writes, and outlives a lost device', async ({ page, context, browser }) => {
  await page.goto(`./?provider=webgpu${link}`);
  await expect(page.getByTestId('status-provider')).toHaveText('WebGPU');
  await ran(page);
  await settled(page);
  const texts = (of: typeof page) => Promise.all(['baseline', 'steered', 'control'].map((kind) => of.getByTestId(`run-${kind}`).textContent()));
  const onGpu = await texts(page);
  const other = await context.newPage();
  await open(other, link);
  await ran(other);
  expect(onGpu).toEqual(await texts(other));
  await other.close();

  // The GPU process dies, as it does when a driver resets.
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  process.kill(processInfo.find(({ type }) => type === 'GPU')!.id, 'SIGKILL');
  // The page opens the model again by itself, and says so.
  await expect(page.getByTestId('recovered')).toContainText('The GPU device was lost');
  await expect(page.getByTestId('recovered')).toContainText('text and edits are kept');
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  await expect(page.getByTestId('steer-row-0')).toContainText('2:11');
  await expect(page.getByTestId('status-provider')).toHaveText('WebGPU');
  await page.getByTestId('generate').click();
  await ran(page);
  expect(await texts(page)).toEqual(onGpu);
});
