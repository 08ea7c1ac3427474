import script from './worker.ts?worker&url';

let starter: string | undefined;

/** A worker from a blob: it is under the page's Content-Security-Policy and its service worker, while a worker from an address is under its own answer's
 *  header alone, which a static host does not send. The blob only imports the script, whose modules and wasm keep their addresses. */
export function startWorker(): Worker {
  starter ??= URL.createObjectURL(new Blob([`import ${JSON.stringify(new URL(script, location.href).href)};`], { type: 'text/javascript' }));
  return new Worker(starter, { type: 'module' });
}
