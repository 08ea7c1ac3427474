/** In the package the worker is a file beside this one, and this line is what the bundlers of pages look for. It stands
 *  for `start.ts` there. */
export const startWorker = (): Worker =>
  new Worker(new URL(/* @vite-ignore */ './engine-worker.js', import.meta.url), { type: 'module' });
