import { offline } from './state';

/** What is used of `navigator.serviceWorker` and of a registration; tests bring their own. */
interface Worker {
  readonly state: ServiceWorkerState;
  addEventListener(type: 'statechange', listener: () => void): void;
}
interface Registration {
  readonly active: Worker | null;
  readonly waiting: Worker | null;
  readonly installing: Worker | null;
  addEventListener(type: 'updatefound', listener: () => void): void;
}
export interface Container {
  register(script: string): Promise<Registration | undefined>;
}

/** Built pages only: a development server's files change under the same names. Absent too where the page is not served
 *  securely. */
function available(): Container | undefined {
  return import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
}

/** Has the page kept for use without a network, and says in `offline` how far that is. Call it when the model is open
 *  and its fonts are there: the first load is not the worker's, so it fetches the same files once more, and finds them
 *  in the browser's HTTP cache. A worker that is already there is only met again. Never throws: a page that cannot be
 *  kept is a page like any other. */
export async function register(container: Container | undefined = available()): Promise<void> {
  if (!container) return;
  try {
    const registration = await container.register('./sw.js');
    if (!registration) return;
    const say = () => offline.setState(stateOf(registration));
    const follow = () => {
      registration.installing?.addEventListener('statechange', say);
      say();
    };
    registration.addEventListener('updatefound', follow);
    follow();
    // A worker that is on its way to the page it belongs to: its next state is the one that counts.
    if (registration.active?.state === 'activating') registration.active.addEventListener('statechange', say);
  } catch {
    offline.setState({ offline: 'unsupported', newer: false });
  }
}

function stateOf({ active, waiting, installing }: Registration): ReturnType<typeof offline.getState> {
  if (active?.state === 'activated') return { offline: 'ready', newer: waiting !== null };
  return { offline: (active ?? waiting ?? installing) ? 'installing' : 'unsupported', newer: false };
}
