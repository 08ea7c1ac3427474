import { resolve } from 'node:path';
import send from 'send';
import { findChromium, WEBGPU } from './install/chromium.mjs';
import { root } from './prepare.mjs';

/** What a script does in this machine's Chromium: servers on free ports and the browser live as long as the work that
 *  they are for. Packages must be installed before (`prepare`).
 *  @import { Browser, Page } from 'playwright' */

/** @template T
 *  @param {(browser: Browser) => Promise<T>} work */
export async function withChromium(work, args = WEBGPU) {
  const { chromium } = await import('playwright');
  const browser = await chromium.launch({ executablePath: (await findChromium()).path, args });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** `work` gets the address of the built page.
 *  @template T
 *  @param {(address: string) => Promise<T>} work */
export async function withBuild(work, outDir = 'dist') {
  const { preview } = await import('vite');
  const server = await preview({
    root,
    logLevel: 'warn',
    build: { outDir: resolve(root, outDir) },
    preview: { host: '127.0.0.1', port: 0 },
  });
  try {
    return await work(addressOf(server));
  } finally {
    await server.close();
  }
}

/** `work` gets a page without the application, into which modules can be imported: `import('/src/lens/index.ts')`.
 *  @template T
 *  @param {(page: Page, browser: Browser) => Promise<T>} work
 *  @param {Record<string, string>} folders Folders outside the project that the page may read, by the paths (`/model`)
 *    at which it finds them. */
export async function withModules(work, folders = {}) {
  const { createServer } = await import('vite');
  const server = await createServer({
    root,
    logLevel: 'warn',
    server: { host: '127.0.0.1', port: 0, hmr: false },
    plugins: [serving(folders)],
  });
  await server.listen();
  try {
    return await withChromium(async (browser) => {
      const page = await browser.newPage();
      // Any file of the same origin.
      await page.goto(`${addressOf(server)}models/lenslet-mini/config.json`);
      return work(page, browser);
    });
  } finally {
    await server.close();
  }
}

/** @param {Record<string, string>} folders
 *  @returns {import('vite').Plugin} */
const serving = (folders) => ({
  name: 'folders',
  configureServer({ middlewares }) {
    for (const [path, folder] of Object.entries(folders))
      middlewares.use(path, (request, response) => {
        send(request, request.url ?? '/', { root: folder, cacheControl: false }).pipe(response);
      });
  },
});

/** @param {{ resolvedUrls: import('vite').ResolvedServerUrls | null }} server One that listens. */
export const addressOf = ({ resolvedUrls }) => /** @type {string} */ (resolvedUrls?.local[0]);
