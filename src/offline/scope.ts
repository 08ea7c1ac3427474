/** The used part of a service worker's global scope. TypeScript's DOM library lacks it, and its own library for workers
 *  cannot be loaded beside that one. */
export interface WorkerScope {
  registration: { scope: string };
  clients: {
    claim(): Promise<void>;
    matchAll(): Promise<readonly { postMessage(message: unknown): void }[]>;
  };
  addEventListener<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
}

/** An event that keeps the worker alive until the given promise settles. */
interface Lasting extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Events {
  install: Lasting;
  activate: Lasting;
  message: Lasting & MessageEvent;
  fetch: Lasting & { request: Request; respondWith(response: Promise<Response>): void };
}
