import { PrecacheController } from 'workbox-precaching/PrecacheController.js';
import { Asked } from './asked';
import { MORE_KEPT, type PageAsks, type WorkerSays } from './messages';
import { addressOf, forThisBrowser, type PrecachedFile } from './precache';
import { partOf } from './range';
import type { WorkerScope } from './scope';

/** The service worker. It keeps its whole build and answers only from it, so page, chunks, engine, fonts and model
 *  always belong to one build. It leaves other files to the network: it never stores models from elsewhere.
 *
 *  At installation it fetches everything but the verbalizer's weights, whole and under its hash, so a part can never
 *  pass for a file. It does not fetch unchanged files of an earlier worker again. If one file fails, it installs
 *  nothing, and the next load continues from there. It keeps the verbalizer's weights once a page has asked for them
 *  (asked.ts).
 *
 *  The worker of a newer deploy waits, as workers do, until every page of the older one is closed. Only then does it
 *  drop the older files: no page ever gets chunks, or a model, of another build. It does not use `skipWaiting`: the
 *  browser would choose the moment, in the middle of a session. */

/** The build inserts this list. */
declare const KEPT: readonly PrecachedFile[];

const scope = self as unknown as WorkerScope;

const controller = new PrecacheController({
  plugins: [
    // For files without a hash in their name Workbox would bypass the HTTP cache. Asking the server whether they
    // changed is enough, and `integrity` checks the result.
    {
      requestWillFetch: async ({ request }) =>
        request.cache === 'reload' ? new Request(request, { cache: 'no-cache' }) : request,
    },
  ],
});
const mine = forThisBrowser(KEPT);
controller.addToCacheList(mine.filter(({ asked }) => !asked));
const asked = new Asked(mine, scope.registration.scope, 'lenslet-asked', caches);

scope.addEventListener('install', (event) => void controller.install(event));

// Takes over the page that registered the worker too, so that files it has not yet asked for (a feature's snippets, the
// chart) are there without a network.
scope.addEventListener('activate', (event) => {
  void controller.activate(event);
  event.waitUntil(asked.clean());
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener('fetch', (event) => {
  const address = addressOf(event.request, scope.registration.scope);
  if (address && asked.has(address))
    event.respondWith(asked.answer(event.request, address, (done) => event.waitUntil(done.then(tellKept))));
  else if (address && controller.getCacheKeyForURL(address)) event.respondWith(answer(event.request, address));
});

/** A page asks what of the large files is kept, or has one stored. */
scope.addEventListener('message', (event) => {
  const asks = event.data as PageAsks;
  const [port] = event.ports;
  const say = (says: WorkerSays) => port?.postMessage(says);
  if (asks.about === 'list') event.waitUntil(asked.list().then((files) => say({ files })));
  else if (asks.about === 'store') {
    const stop = new AbortController();
    if (port) port.onmessage = () => stop.abort();
    const stored = asked.store(asks.address, stop.signal, (loaded) => say({ loaded }));
    event.waitUntil(
      stored.then(
        (kept) => {
          say({ kept });
          return kept ? tellKept() : undefined;
        },
        () => say({ kept: false }),
      ),
    );
  }
});

/** Tells the pages that a large file is kept now, whoever asked for it. */
async function tellKept(): Promise<void> {
  for (const page of await scope.clients.matchAll()) page.postMessage(MORE_KEPT);
}

/** Answers from the kept files. If the browser has dropped one, the server answers, ranges included. */
async function answer(request: Request, address: string): Promise<Response> {
  const kept = await controller.matchPrecache(address).catch(() => undefined);
  if (!kept) return fetch(request);
  const range = request.headers.get('range');
  return range ? partOf(kept, range) : kept;
}
