import script from './worker.ts?worker&url';

let starter: string | undefined;

/** Starts the worker from a blob: such a worker obeys the page's Content-Security-Policy and its service worker. A
 *  worker from an address obeys only the header of its own answer, and a static host sends none. The blob only imports
 *  the script, so its modules and wasm keep their addresses. */
export function startWorker(): Worker {
  starter ??= URL.createObjectURL(
    new Blob([importing(new URL(script, location.href).href)], { type: 'text/javascript' }),
  );
  return new Worker(starter, { type: 'module' });
}

/** Imports the script dynamically: Firefox fetches a blob's static imports from the network alone, past the service
 *  worker. Messages of the page wait until the script sets its own `onmessage`; a failed import becomes an error of the
 *  worker. */
const importing = (address: string): string => `
  const early = [];
  self.onmessage = (event) => early.push(event);
  import(${JSON.stringify(address)}).then(
    () => { for (const event of early) self.onmessage(event); },
    (error) => setTimeout(() => { throw error; }),
  );
`;
