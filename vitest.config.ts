import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath, WEBGPU } from './scripts/install/chromium.mjs';

// `unit` and `package` run in Node; `gpu` and `gpu-asyncify` (*.gpu.test.ts, and *.page.test.tsx for components whose
// layout counts) in a real Chromium on its software WebGPU
// adapter, or the machine's GPU with LENSLET_GPU=1.

// Long, for a machine that is busy, and yet so short that a test that hangs fails by its own name before its stage is
// ended for it (scripts/run/test.mjs).
const LIMITS = { testTimeout: 420_000, hookTimeout: 150_000, expect: { poll: { timeout: 120_000 } } };

/** A project in a real Chromium. */
function inBrowser(name: string, files: { include: string[]; exclude?: string[] }, test: object) {
  return {
    publicDir: 'public',
    // Prepared before the tests, so that no page reloads in the middle of one: a missing file is answered with
    // index.html, whose imports Vite then looks through. ONNX Runtime finds its wasm beside its own file.
    optimizeDeps: {
      entries: ['index.html', 'src/worker/worker.ts', 'src/**/*.gpu.test.ts', 'src/**/*.page.test.tsx'],
      include: [
        '@huggingface/hub',
        '@huggingface/transformers',
        '@tanstack/react-virtual',
        'hash-wasm',
        'idb',
        'react',
        'react-dom',
        'react-dom/client',
        'react/jsx-dev-runtime',
        'recharts',
        'valibot',
        'yaml',
        'zustand',
        'zustand/react/shallow',
        'zustand/shallow',
        'zustand/vanilla',
      ],
      exclude: ['onnxruntime-web'],
    },
    test: {
      name,
      ...files,
      ...test,
      ...LIMITS,
      // A real GPU writes the verbalizer's answers out to their ends.
      env: { VITE_LENSLET_WHOLE: process.env.VITE_LENSLET_WHOLE ?? (process.env.LENSLET_GPU === '1' ? '1' : '') },
      fileParallelism: false,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: { executablePath: chromiumPath(), args: WEBGPU },
        }),
        instances: [{ browser: 'chromium' as const }],
      },
    },
  };
}

// It builds the package where the end-to-end tests build theirs.
const PACKAGE = 'scripts/package/sdk.test.mjs';

// It takes a part of the platform away before the runtime is loaded.
const ASYNCIFY = 'src/lens/engine/asyncify.gpu.test.ts';

export default defineConfig({
  test: {
    // Vitest leaves a core free by itself, which of two is half.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          ...LIMITS,
          include: [
            '@tanstack/react-virtual',
            'src/**/*.test.ts',
            'src/**/*.test.tsx',
            'scripts/**/*.test.mjs',
            'tools/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          exclude: ['**/*.gpu.test.ts', '**/*.page.test.tsx', PACKAGE],
        },
      },
      { test: { name: 'package', environment: 'node', ...LIMITS, include: [PACKAGE] } },
      // The built page in other browsers' engines.
      {
        test: {
          name: 'engines',
          environment: 'node',
          ...LIMITS,
          include: ['@tanstack/react-virtual', 'e2e/engines/**/*.test.ts'],
          fileParallelism: false,
        },
      },
      // One page, one device for all files: see the set-up.
      inBrowser(
        'gpu',
        { include: ['src/**/*.gpu.test.ts', 'src/**/*.page.test.tsx'], exclude: [ASYNCIFY] },
        { isolate: false, setupFiles: ['src/lens/testing/shared-gpu.ts'] },
      ),
      inBrowser('gpu-asyncify', { include: [ASYNCIFY] }, {}),
    ],
  },
});
