import { resolve } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';
import { collected } from './notices.ts';

/** Builds src/cli/bin.ts into `cli.js` beside the library: for Node, with everything that it needs but Node itself, so
 *  that the package's bin asks for no other package. */
export function commandLine(modules: Set<string>): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'command-line',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await build({
          configFile: false,
          root: config.root,
          mode: 'production',
          logLevel: 'warn',
          publicDir: false,
          plugins: [collected(modules)],
          ssr: { noExternal: true, target: 'node' },
          build: {
            outDir: config.build.outDir,
            emptyOutDir: false,
            target: 'node20',
            minify: false,
            ssr: resolve(config.root, 'src/cli/bin.ts'),
            rolldownOptions: { output: { format: 'es', entryFileNames: 'cli.js', chunkFileNames: 'cli-[name].js' } },
          },
        });
      },
    },
  };
}
