import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { collected, notices } from './tools/vite/notices.ts';
import { offline } from './tools/vite/offline.ts';
import { oneRuntime } from './tools/vite/one-runtime.ts';
import { policy } from './tools/vite/policy.ts';

/** The preview server compresses what it sends, and a compressed answer has no length: opening a model could not say
 *  how much is still to come. */
function plainModels(): Plugin {
  return {
    name: 'plain-models',
    configurePreviewServer(server) {
      server.middlewares.use((request, _, next) => {
        if (request.url?.includes('/models/')) delete request.headers['accept-encoding'];
        next();
      });
    },
  };
}

/** What the build, its worker and its service worker take in. */
const modules = new Set<string>();

export default defineConfig({
  base: './',
  plugins: [
    oneRuntime(),
    plainModels(),
    react(),
    policy(),
    collected(modules),
    offline(modules),
    notices(modules, 'The page.'),
  ],
  worker: { format: 'es', plugins: () => [oneRuntime(), collected(modules)] },
  optimizeDeps: { include: ['@huggingface/transformers'], exclude: ['onnxruntime-web'] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
