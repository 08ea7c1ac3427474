import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './scripts/chromium.mjs';

// `unit` runs in Node; `gpu` (*.gpu.test.ts) in a real Chromium on its software WebGPU adapter, or the machine's GPU with LENSLET_GPU=1.
const software = process.env.LENSLET_GPU === '1' ? [] : ['--use-webgpu-adapter=swiftshader'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          testTimeout: 30_000,
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.mjs', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/*.gpu.test.ts'],
        },
      },
      {
        publicDir: 'public',
        // Prepared before the tests, so that no page reloads in the middle of one: a missing file is answered with index.html, whose imports
        // Vite then looks through. ONNX Runtime finds its wasm beside its own file.
        optimizeDeps: {
          entries: ['src/worker/worker.ts', 'src/**/*.gpu.test.ts'],
          include: [
            '@huggingface/hub',
            '@huggingface/transformers',
            'hash-wasm',
            'idb',
            'react',
            'react-dom',
            'react-dom/client',
            'react/jsx-dev-runtime',
            'yaml',
            'zustand',
            'zustand/react/shallow',
            'zustand/vanilla',
          ],
          exclude: ['onnxruntime-web'],
        },
        test: {
          name: 'gpu',
          include: ['src/**/*.gpu.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromiumPath(), args: ['--no-sandbox', '--enable-unsafe-webgpu', ...software] },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
