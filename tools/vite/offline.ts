import { resolve } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';
import { collected } from './notices.ts';
import { keptOf } from './precache.ts';

/** Builds src/offline/worker.ts into `sw.js` beside index.html, with the list of everything that the build holds. Last
 *  of all, because it lists what is there; as one classic script, because that is what every browser with service
 *  workers takes. What it takes in is added to `modules`. */
export function offline(modules: Set<string>): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'offline',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const outDir = resolve(config.root, config.build.outDir);
        await build({
          configFile: false,
          root: config.root,
          mode: 'production',
          logLevel: 'warn',
          publicDir: false,
          plugins: [collected(modules)],
          define: { KEPT: JSON.stringify(keptOf(outDir)) },
          build: {
            outDir,
            emptyOutDir: false,
            target: config.build.target,
            modulePreload: false,
            rolldownOptions: {
              input: resolve(config.root, 'src/offline/worker.ts'),
              output: { format: 'iife', entryFileNames: 'sw.js' },
            },
          },
        });
      },
    },
  };
}
