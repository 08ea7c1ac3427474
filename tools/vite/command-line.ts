import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { secondBuild } from './second-build.ts';

/** Builds src/cli/bin.ts into `cli.js` beside the library: for Node, with everything that it needs but Node itself, so
 *  that the package's bin asks for no other package. */
export const commandLine = (modules: Set<string>): Plugin =>
  secondBuild('command-line', modules, ({ root }) => ({
    ssr: { noExternal: true, target: 'node' },
    build: {
      target: 'node20',
      minify: false,
      ssr: resolve(root, 'src/cli/bin.ts'),
      rolldownOptions: { output: { format: 'es', entryFileNames: 'cli.js', chunkFileNames: 'cli-[name].js' } },
    },
  }));
