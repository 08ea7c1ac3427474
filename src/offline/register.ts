import { followRest, type RestWorker, storeRest } from './rest';
import { type OfflineState, offline } from './state';

/** The used part of `navigator.serviceWorker` and of a registration; tests bring their own. */
interface Worker extends RestWorker {
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
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

/** The worker that keeps this page; null where none does. */
let keeper: Worker | null = null;

/** Has the rest stored too, after which all of the page works without a network. */
export async function storeAll(): Promise<void> {
  if (keeper) await storeRest(keeper);
}

/** Only for built pages: a development server changes files under the same names. Undefined too if the page is not
 *  served securely. */
function available(): Container | undefined {
  return import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
}

/** Registers the worker that keeps the page for use without a network, and reports its state in `offline`. Call it once
 *  the model is open and the fonts are there: the worker fetches the files of the first load again, and then finds them
 *  in the browser's HTTP cache. If a worker is already registered, it only follows its state. Never throws: a page that
 *  cannot be kept works like any other. */
export async function register(container: Container | undefined = available()): Promise<void> {
  if (!container) return;
  try {
    const registration = await container.register('./sw.js');
    if (!registration) return;
    let asking = false;
    const say = () => {
      offline.setState(stateOf(registration));
      const { active } = registration;
      if (asking || active?.state !== 'activated') return;
      asking = true;
      keeper = active;
      void followRest(active, container);
    };
    const follow = () => {
      registration.installing?.addEventListener('statechange', say);
      say();
    };
    registration.addEventListener('updatefound', follow);
    follow();
    // An activating worker is not ready yet; its next state counts.
    if (registration.active?.state === 'activating') registration.active.addEventListener('statechange', say);
  } catch {
    offline.setState({ offline: 'unsupported', newer: false });
  }
}

function stateOf({ active, waiting, installing }: Registration): Pick<OfflineState, 'offline' | 'newer'> {
  if (active?.state === 'activated') return { offline: 'ready', newer: waiting !== null };
  return { offline: (active ?? waiting ?? installing) ? 'installing' : 'unsupported', newer: false };
}
