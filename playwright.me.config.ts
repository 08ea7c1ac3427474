import { defineConfig } from '@playwright/test';
import { chromiumPath } from '/work/main/scripts/chromium.mjs';

/** Not 4173, so that the tests run beside `npm start`. */
const port = Number(process.env.LENSLET_E2E_PORT ?? 4441);
const software = process.env.LENSLET_GPU === '1' ? [] : ['--use-webgpu-adapter=swiftshader'];

export default defineConfig({
  testDir: '/work/main/e2e',
  outputDir: '/tmp/pw-me',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    screenshot: 'only-on-failure',
    // What a test answers in a file's place must reach the page; the specs about the worker allow it.
    serviceWorkers: 'block',
    launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox', '--enable-unsafe-webgpu', ...software] },
  },
  projects: [{ name: 'chromium', use: { browserName: 'chromium', viewport: { width: 1440, height: 900 } } }],
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --outDir /tmp/dist-me --host 127.0.0.1 --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
    timeout: 30_000,
  },
});
