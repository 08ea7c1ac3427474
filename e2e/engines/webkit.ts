import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, By, Key, until as located, type WebDriver } from 'selenium-webdriver';
import type { WebKitPaths } from '../../scripts/install/engines.mjs';
import { type Engine, PATIENCE, selectAll } from './engine';
import { type Leashed, leashed } from './leash';

/** WebKitGTK's own small browser, on a display of its own, driven over WebDriver. */
export async function openWebKit({ driver, display }: WebKitPaths): Promise<Engine> {
  const home = mkdtempSync(join(tmpdir(), 'lenslet-webkit-'));
  const started: Leashed[] = [];
  const close = async () => {
    for (const one of started.reverse()) await one.close();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    // Xvfb takes a display that is free, and says which.
    const screen = leashed(display, [
      '-displayfd',
      '1',
      '-screen',
      '0',
      '1600x1200x24',
      '-nolisten',
      'tcp',
      '-noreset',
    ]);
    started.push(screen);
    const [, number] = await screen.says(/^(\d+)\n/, PATIENCE);
    const port = await freePort();
    // Nothing of the user's is read or written: neither settings nor what pages keep.
    const env = {
      ...process.env,
      DISPLAY: `:${number}`,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      XDG_DATA_HOME: home,
      GDK_BACKEND: 'x11',
    };
    const server = leashed(driver, ['--host=127.0.0.1', `--port=${port}`], env);
    started.push(server);
    await answering(port, server);
    const page = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities({ browserName: 'MiniBrowser' })
      .build();
    await page.manage().setTimeouts({ script: PATIENCE * 1000, pageLoad: PATIENCE * 1000 });
    await page.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 900 });
    const capabilities = await page.getCapabilities();
    return {
      name: `WebKitGTK ${capabilities.getBrowserVersion()}`,
      ...driven(page),
      close: () =>
        page
          .quit()
          .catch(() => {})
          .then(close),
    };
  } catch (error) {
    const said = started.map((one) => one.said()).join('\n');
    await close();
    throw new Error(
      `WebKit was not opened: ${error instanceof Error ? error.message : error}. Its programs wrote: ${said || 'nothing'}`,
    );
  }
}

function driven(page: WebDriver): Omit<Engine, 'name' | 'close'> {
  const element = (selector: string) => page.wait(located.elementLocated(By.css(selector)), PATIENCE * 1000);
  const evaluate: Engine['evaluate'] = async (script, ...args) => {
    const [answer, error] = await page.executeAsyncScript<[string, null] | [null, string]>(
      `const done = arguments[arguments.length - 1];
         (async () => JSON.stringify([await (${script})(...${JSON.stringify(args)})]))().then((answer) => done([answer, null]), (error) => done([null, String(error)]));`,
    );
    if (answer === null) throw new Error(error);
    return JSON.parse(answer)[0];
  };
  return {
    goto: (url) => page.get(url),
    evaluate,
    click: async (selector) => (await element(selector)).click(),
    type: async (selector, text, enter = false) => {
      const field = await element(selector);
      await field.click();
      await selectAll({ evaluate }, selector);
      await field.sendKeys(text, ...(enter ? [Key.ENTER] : []));
    },
    picture: async () => Buffer.from(await page.takeScreenshot(), 'base64'),
  };
}

/** WebKitWebDriver must be told its port. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits until the driver answers. */
async function answering(port: number, server: Leashed): Promise<void> {
  const end = performance.now() + PATIENCE * 1000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
    if (answer?.ok) return;
    if (server.ended()) throw new Error('WebKitWebDriver ended before it answered.');
    if (performance.now() > end) throw new Error(`WebKitWebDriver did not answer within ${PATIENCE} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
