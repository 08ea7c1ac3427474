/** In the package, the worker is a file beside this one. Bundlers of pages look for exactly this line. It replaces
 *  `start.ts` there. */
export const startWorker = (): Worker =>
  new Worker(new URL(/* @vite-ignore */ './engine-worker.js', import.meta.url), { type: 'module' });
