import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { offline } from './tools/vite/offline.ts';
import { oneRuntime } from './tools/vite/one-runtime.ts';
import { policy } from './tools/vite/policy.ts';

/** The preview server compresses what it sends, and a compressed answer has no length: opening a model could not say how much is still to come. */
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

export default defineConfig({
  base: './',
  plugins: [oneRuntime(), plainModels(), react(), policy(), offline()],
  worker: { format: 'es', plugins: () => [oneRuntime()] },
  optimizeDeps: { include: ['@huggingface/transformers'], exclude: ['onnxruntime-web'] },
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
});
