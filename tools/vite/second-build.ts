import { build, type InlineConfig, type Plugin, type ResolvedConfig } from 'vite';
import { collected } from './notices.ts';

/** Builds something else into the folder of a build, once that is written; `options` says what. The packages that it
 *  takes in are added to `modules`. */
export function secondBuild(
  name: string,
  modules: Set<string>,
  options: (config: ResolvedConfig) => InlineConfig,
): Plugin {
  let config: ResolvedConfig;
  return {
    name,
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const { build: how, ...rest } = options(config);
        await build({
          configFile: false,
          root: config.root,
          mode: 'production',
          logLevel: 'warn',
          publicDir: false,
          plugins: [collected(modules)],
          ...rest,
          build: { outDir: config.build.outDir, emptyOutDir: false, ...how },
        });
      },
    },
  };
}
