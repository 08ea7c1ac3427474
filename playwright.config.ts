import { defineConfig } from '@playwright/test';
import { chromiumPath, WEBGPU } from './scripts/install/chromium.mjs';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results/e2e',
  globalSetup: './e2e/serve-build.ts',
  // Long, for a machine that is busy, and yet so short that a test that hangs fails by its own name before its stage is
  // ended for it (scripts/run/test.mjs).
  timeout: 480_000,
  expect: { timeout: 120_000 },
  retries: 0,
  workers: 1,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }], ['./scripts/run/pulse.mjs']],
  use: {
    // Of e2e/serve-build.ts.
    baseURL: process.env.LENSLET_E2E_URL,
    screenshot: 'only-on-failure',
    // What a test answers in a file's place must reach the page; the specs about the worker allow it.
    serviceWorkers: 'block',
    launchOptions: { executablePath: chromiumPath(), args: WEBGPU },
  },
  projects: [{ name: 'chromium', use: { browserName: 'chromium', viewport: { width: 1440, height: 900 } } }],
});
