import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { checkNode, prepare, root } from './prepare.mjs';

/** Writes docs/screenshot-light.png and docs/screenshot-dark.png: the built page with its first measured effect, on wasm. Run after `npm run build`. */

checkNode();
await prepare();
const [{ preview }, { chromium }] = await Promise.all([import('vite'), import('playwright')]);
const server = await preview({ root, logLevel: 'warn', preview: { host: '127.0.0.1', port: 4392 } });
const { path } = await findChromium();
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
try {
  mkdirSync(join(root, 'docs'), { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
    await page.goto(`${server.resolvedUrls.local[0]}?provider=wasm`);
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready');
    await page.getByTestId('effects').getByRole('button').first().click();
    await page.waitForSelector('[data-testid="run"][data-status="done"]', { timeout: 120_000 });
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready');
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(root, 'docs', `screenshot-${colorScheme}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await new Promise((resolve) => server.httpServer.close(resolve));
}
process.exit(0);
