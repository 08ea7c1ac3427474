import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** @huggingface/transformers is here for its tokenizer only. Its own import of ONNX Runtime would bring a second copy of the engine and of its
 *  27 MB of wasm into the build, so for that one importer the package is replaced by an empty module. */
function oneRuntime(): Plugin {
  const empty = '\0no-second-runtime';
  return {
    name: 'one-onnxruntime',
    enforce: 'pre',
    resolveId(source, importer) {
      return source.startsWith('onnxruntime-') && importer?.includes('@huggingface') ? empty : null;
    },
    load(id) {
      return id === empty
        ? 'export const InferenceSession = {}; export const Tensor = class {}; export const env = { wasm: {}, webgpu: {} }; export default { InferenceSession, Tensor, env };'
        : null;
    },
  };
}

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
  plugins: [oneRuntime(), plainModels(), react()],
  worker: { format: 'es', plugins: () => [oneRuntime()] },
  optimizeDeps: { include: ['@huggingface/transformers'], exclude: ['onnxruntime-web'] },
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
});
