import { TAKE_OVER } from './messages';
import { offline } from './state';

/** What is used of a registration and of `navigator.serviceWorker`; tests bring their own. */
interface Worker {
  readonly state: ServiceWorkerState;
  postMessage(message: unknown, transfer: MessagePort[]): void;
  addEventListener(type: 'statechange', listener: () => void): void;
}
interface Registration {
  active: Worker | null;
  waiting: Worker | null;
  installing: Worker | null;
}
export interface Container {
  controller: Pick<Worker, 'postMessage'> | null;
  register(script: string): Promise<Registration | undefined>;
  getRegistration(): Promise<Registration | undefined>;
  addEventListener(type: 'controllerchange', listener: () => void, options?: { once?: boolean }): void;
}

/** Built pages only: a development server's files change under the same names. Absent too where the page is not served securely. */
function available(): Container | undefined {
  return import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
}

/** Has the page kept for use without a network, and says in `offline` how far that is. Call it when the model is open and its fonts are there: the first load
 *  is not the worker's, so it fetches the same files once more, and finds them in the browser's HTTP cache. A worker that is already there is only met again.
 *  Never throws: a page that cannot be kept is a page like any other. */
export async function register(container: Container | undefined = available()): Promise<void> {
  if (!container) return;
  try {
    const registration = await container.register('./sw.js');
    const worker = registration?.active ?? registration?.waiting ?? registration?.installing;
    if (worker) follow(worker);
  } catch {
    offline.setState({ offline: 'unsupported' });
  }
}

function follow(worker: Worker): void {
  const say = () => {
    if (worker.state === 'redundant') offline.setState({ offline: 'unsupported' });
    else offline.setState({ offline: worker.state === 'activated' ? 'ready' : 'installing' });
  };
  worker.addEventListener('statechange', say);
  say();
}

/** A worker is relieved once it has nothing under way: at once, as long as the page asks for nothing, or when it is done with a page that was just closed. The page
 *  must not begin before that, or its own requests put it off; and nobody waits longer than this. */
const PATIENCE = 10_000;
/** Chromium looks whether a worker has nothing under way when an event of it ends, and may look once too early: so it gets one now and then. */
const NUDGE = 200;

/** Lets a newer deploy in. Its worker waits while a page of the older one is open, whose lazily loaded chunks it does not keep; a reload alone does not end that
 *  wait, since the old page is there until the new one is. So a page that has done nothing yet asks it to take over, which it does where no other page is open,
 *  and `reload` loads the newer page. Resolves where this page is to go on, mostly at once. */
export async function makeWay(
  reload: () => void = () => location.reload(),
  container: Container | undefined = available(),
  patience = PATIENCE,
): Promise<void> {
  if (!container?.controller) return;
  const registration = await container.getRegistration().catch(() => undefined);
  if (!registration?.waiting) return;
  // However late it comes: page and worker are of one build.
  container.addEventListener('controllerchange', reload, { once: true });
  const { port1, port2 } = new MessageChannel();
  let nudging: ReturnType<typeof setInterval> | undefined;
  await new Promise<void>((done) => {
    setTimeout(done, patience);
    port1.onmessage = ({ data: granted }) => {
      if (!granted) done();
    };
    registration.waiting?.postMessage(TAKE_OVER, [port2]);
    nudging = setInterval(() => container.controller?.postMessage(null, []), NUDGE);
  });
  clearInterval(nudging);
  port1.close();
}
