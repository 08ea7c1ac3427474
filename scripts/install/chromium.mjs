import { existsSync } from 'node:fs';
import { aptInstall, mayInstall } from './apt.mjs';
import { onPath } from './on-path.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Arguments that start Chromium for WebGPU: on its software adapter, or with LENSLET_GPU=1 on the machine's GPU. */
export const WEBGPU = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  ...(process.env.LENSLET_GPU === '1' ? [] : ['--use-webgpu-adapter=swiftshader']),
];

const installedPath = () => onPath(names) ?? elsewhere.find((file) => existsSync(file));

async function playwrightsOwn() {
  const { chromium } = await import('playwright');
  const file = chromium.executablePath();
  return file && existsSync(file) ? file : undefined;
}

/** The browser of this process: what `findChromium` put into LENSLET_CHROMIUM, or one on the path. */
export function chromiumPath() {
  return process.env.LENSLET_CHROMIUM || installedPath();
}

/** A Chromium, and how it was found: LENSLET_CHROMIUM, an installed one, Playwright's own, or (Debian, root) installed
 *  now. */
export async function findChromium() {
  if (process.env.LENSLET_CHROMIUM) {
    if (!existsSync(process.env.LENSLET_CHROMIUM))
      throw new Error(`LENSLET_CHROMIUM names ${process.env.LENSLET_CHROMIUM}, which is not there.`);
    return { path: process.env.LENSLET_CHROMIUM, how: 'LENSLET_CHROMIUM' };
  }
  const installed = installedPath();
  if (installed) return { path: installed, how: 'installed' };
  const own = await playwrightsOwn();
  if (own) return { path: own, how: "Playwright's own" };
  if (mayInstall()) {
    await aptInstall(['chromium'], 'Chromium', { recommended: true });
    const now = installedPath();
    if (now) return { path: now, how: 'apt-get install chromium' };
  }
  throw new Error(
    'No Chromium or Chrome found. Install one, or set LENSLET_CHROMIUM to its path, or run: npx playwright install chromium',
  );
}
