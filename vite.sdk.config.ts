import { defineConfig, type Plugin } from 'vite';
import { commandLine } from './tools/vite/command-line.ts';
import { collected, notices } from './tools/vite/notices.ts';
import { oneRuntime } from './tools/vite/one-runtime.ts';

/** `src/worker/start-beside.ts` for `start.ts`: there Vite bundles the worker for the page, here the page's own bundler
 *  does. The comment that keeps this build off it is taken out again, lest it keep off that bundler too. */
function workerBeside(): Plugin {
  return {
    name: 'worker-beside',
    enforce: 'pre',
    resolveId(source, importer) {
      return source === './start' && importer?.endsWith('/src/worker/client.ts')
        ? importer.replace(/client\.ts$/, 'start-beside.ts')
        : null;
    },
    renderChunk(code) {
      return code.includes('@vite-ignore')
        ? { code: code.replace(/new URL\(\s*\/\* @vite-ignore \*\/\s*/, 'new URL('), map: null }
        : null;
    },
  };
}

/** What the library and the program take in. */
const modules = new Set<string>();

/** The package: ES modules for Node and for a page's bundler. onnxruntime-web stays outside, since it finds its
 *  WebAssembly beside its own file; the tokenizer of @huggingface/transformers goes in, so that nobody has to install
 *  the native packages which that one asks for. The program `lenslet` is built beside them. */
export default defineConfig({
  publicDir: false,
  plugins: [
    oneRuntime(),
    workerBeside(),
    collected(modules),
    commandLine(modules),
    notices(modules, 'The library and the program; what the page holds is in page/THIRD-PARTY.txt.'),
  ],
  build: {
    target: 'es2023',
    outDir: 'dist-sdk',
    minify: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    lib: {
      formats: ['es'],
      entry: {
        index: 'src/lens/index.ts',
        worker: 'src/worker/index.ts',
        node: 'src/lens/node.ts',
        'engine-worker': 'src/worker/worker.ts',
      },
    },
    rollupOptions: {
      // On a slow machine it would report how long the program's build within this one took.
      checks: { bundlerTimings: false },
      external: (id, importer) =>
        id.startsWith('node:') || (id.startsWith('onnxruntime-web/') && !importer?.includes('@huggingface')),
      output: { chunkFileNames: 'shared-[name].js' },
    },
  },
});
