import { root } from '../../prepare.mjs';

/** Runs `work` on the engine's own sources, in Node.
 *  @template T
 *  @param {(engine: typeof import('../../../bench/real/node.ts')) => Promise<T>} work */
export async function inEngine(work) {
  const { createServer } = await import('vite');
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'warn',
    server: { middlewareMode: true, hmr: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    return await work(
      /** @type {typeof import('../../../bench/real/node.ts')} */ (await server.ssrLoadModule('/bench/real/node.ts')),
    );
  } finally {
    await server.close();
  }
}
