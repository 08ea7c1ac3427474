import { mkdirSync, writeFileSync, mkdtempSync, cpSync } from 'node:fs';
import { withBuild, withChromium } from './scripts/in-browser.mjs';
const only = process.argv.slice(2);
const SIZES = [[1440, 900],[1024, 768],[390, 844]];
const broken = mkdtempSync('/tmp/h/models-shots/b-'); cpSync('public/models/lenslet-mini/config.json', broken + '/config.json');
const settled = (p) => p.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, { timeout: 240000 });
await withBuild((address) => withChromium(async (browser) => {
  for (const [w, h] of SIZES) for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme });
    const page = await context.newPage();
    const shot = (name) => (!only.length || only.includes(name)) && page.screenshot({ path: `/tmp/h/models-shots/${name}-${w}-${scheme}.png` });
    await page.goto(`${address}?provider=wasm#p=The+old+man+looked+at+the&s=3&e=3:39a1&g=0.7,0.95,16,12`);
    await settled(page);
    await page.waitForFunction(() => document.querySelector('[data-testid="offline"]')?.textContent.includes('verbalizer'), undefined, { timeout: 60000 }).catch(() => console.log('no offline'));
    await page.waitForTimeout(500);
    await shot('main');
    await page.getByTestId('open-models').click();
    await page.waitForTimeout(600);
    await shot('models');
    await page.getByTestId('pick-folder').setInputFiles(broken);
    await page.getByTestId('confirm-open').click();
    await page.getByTestId('refused').waitFor();
    await shot('refused-plan');
    await page.keyboard.press('Escape');
    await page.waitForTimeout(200);
    const dropped = await page.evaluateHandle(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a)], 'a0-ready.png')); return data; });
    await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
    await page.waitForTimeout(400);
    await page.getByTestId('refused').scrollIntoViewIfNeeded();
    await shot('refused-page');
    await page.getByTestId('refused').getByRole('button', { name: 'Dismiss' }).click();
    await page.getByTestId('open-models').click();
    await page.getByTestId('choose-Qwen/Qwen3-1.7B-Base').click();
    await page.waitForTimeout(500);
    await shot('plan');
    await page.keyboard.press('Escape');
    await page.getByTestId('open-search').click();
    await page.getByTestId('search-box').fill('Han characters');
    await page.waitForTimeout(600);
    await shot('search');
    await page.keyboard.press('Escape');
    if (scheme === 'light' || w === 1440) {
    await page.getByRole('button', { name: 'Check parity' }).click();
    await page.getByText('18 of 18 cases within').waitFor({ timeout: 120000 });
    await shot('parity');
    await page.keyboard.press('Escape');
    }
    await context.close();
  }
}));
