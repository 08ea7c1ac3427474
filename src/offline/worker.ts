import { PrecacheController } from 'workbox-precaching/PrecacheController.js';
import { Asked } from './asked';
import { addressOf, forThisBrowser, type PrecachedFile } from './precache';
import { partOf } from './range';
import type { WorkerScope } from './scope';

/** The service worker. It keeps the build it belongs to, whole, and answers from that and from nothing else: an
 *  installed worker's page, chunks, engine, fonts and model are of one build. A file that is not kept is the network's,
 *  untouched: models from elsewhere are never stored.
 *
 *  Everything but the verbalizer's weights is fetched at installation, whole and under its hash, so a part can never
 *  pass for a file; what an earlier worker kept and is still the same is not fetched again. If one file fails, nothing
 *  is installed, and the next load goes on from there. The verbalizer's weights are kept once a page has asked for them
 *  (asked.ts).
 *
 *  A newer deploy's worker waits, as workers do, until every page of the older one is closed, and only then drops what
 *  the older one kept: no page ever gets chunks, or a model, of another build. It is not hurried with `skipWaiting`:
 *  the moment at which that takes effect is the browser's, and comes in mid-session. */

/** Put in by the build. */
declare const KEPT: readonly PrecachedFile[];

const scope = self as unknown as WorkerScope;

const controller = new PrecacheController({
  plugins: [
    // Workbox would pass the HTTP cache by for files without a hash in their name; asking the server whether they
    // changed is enough, and `integrity` sees to it.
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

// The page that brought the worker is taken on as well, so that what it has not asked for yet (a feature's snippets,
// the chart) is there without a network.
scope.addEventListener('activate', (event) => {
  void controller.activate(event);
  event.waitUntil(asked.clean());
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener('fetch', (event) => {
  const address = addressOf(event.request, scope.registration.scope);
  if (address && asked.has(address))
    event.respondWith(asked.answer(event.request, address, (done) => event.waitUntil(done)));
  else if (address && controller.getCacheKeyForURL(address)) event.respondWith(answer(event.request, address));
});

/** From what is kept. A browser may have dropped it: then the server answers, ranges included. */
async function answer(request: Request, address: string): Promise<Response> {
  const kept = await controller.matchPrecache(address).catch(() => undefined);
  if (!kept) return fetch(request);
  const range = request.headers.get('range');
  return range ? partOf(kept, range) : kept;
}
