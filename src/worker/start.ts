import script from './worker.ts?worker&url';

let starter: string | undefined;

/** A worker from a blob: it is under the page's Content-Security-Policy and its service worker, while a worker from an
 *  address is under its own answer's header alone, which a static host does not send. The blob only imports the script,
 *  whose modules and wasm keep their addresses. */
export function startWorker(): Worker {
  starter ??= URL.createObjectURL(
    new Blob([importing(new URL(script, location.href).href)], { type: 'text/javascript' }),
  );
  return new Worker(starter, { type: 'module' });
}

/** Imports while it runs: what a blob imports at its head, Firefox asks of the network alone, past the service worker.
 *  What the page sends meanwhile waits for the script's own `onmessage`; a script that does not come is an error of the
 *  worker. */
const importing = (address: string): string => `
  const early = [];
  self.onmessage = (event) => early.push(event);
  import(${JSON.stringify(address)}).then(
    () => { for (const event of early) self.onmessage(event); },
    (error) => setTimeout(() => { throw error; }),
  );
`;
