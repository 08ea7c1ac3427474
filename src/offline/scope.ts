/** A service worker's global scope, as far as it is used: TypeScript's DOM library does not have it, and cannot be
 *  loaded beside the one that does. */
export interface WorkerScope {
  registration: { scope: string };
  clients: { claim(): Promise<void> };
  addEventListener<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
}

/** An event that keeps the worker alive until what it was given settles. */
interface Lasting extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Events {
  install: Lasting;
  activate: Lasting;
  fetch: Lasting & { request: Request; respondWith(response: Promise<Response>): void };
}
