import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { keptOf } from './precache.ts';
import { secondBuild } from './second-build.ts';

/** Builds src/offline/worker.ts into `sw.js` beside index.html, with the list of everything that the build holds. Last
 *  of all, because it lists what is there; as one classic script, because that is what every browser with service
 *  workers takes. What it takes in is added to `modules`. */
export const offline = (modules: Set<string>): Plugin =>
  secondBuild('offline', modules, ({ root, build }) => ({
    define: { KEPT: JSON.stringify(keptOf(resolve(root, build.outDir))) },
    build: {
      target: build.target,
      modulePreload: false,
      rolldownOptions: {
        input: resolve(root, 'src/offline/worker.ts'),
        output: { format: 'iife', entryFileNames: 'sw.js' },
      },
    },
  }));
