import { firefox } from '@playwright/test';
import { type Engine, PATIENCE } from './engine';
import { LEASH } from './leash';

/** A Firefox as its maker ships it, driven over WebDriver BiDi. */
export async function openFirefox(path: string): Promise<Engine> {
  // A file of Node's has no shebang on Windows; there the browser is started itself, and ends with what started it.
  const leash = process.platform !== 'win32';
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: leash ? LEASH : path,
    env: { ...process.env, ...(leash ? { LENSLET_LEASHED: path } : {}) },
    timeout: PATIENCE * 1000,
    // These tests are of WebAssembly, and of what the page says where there is no WebGPU.
    firefoxUserPrefs: { 'dom.webgpu.enabled': false },
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(PATIENCE * 1000);
  const page = await context.newPage();
  return {
    name: `Firefox ${browser.version()}`,
    goto: async (url) => {
      await page.goto(url);
    },
    evaluate: async (script, ...args) => {
      const answer = await page.evaluate(`(async () => JSON.stringify([await (${script})(...${JSON.stringify(args)})]))()`);
      return JSON.parse(answer as string)[0];
    },
    click: (selector) => page.locator(selector).click(),
    type: async (selector, text, enter = false) => {
      await page.locator(selector).click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
      if (enter) await page.keyboard.press('Enter');
    },
    picture: () => page.screenshot(),
    close: () => browser.close(),
  };
}
