import { foreignHost, identityOf } from '../lens/api/identity';
import type { Lens } from '../lens/api/lens';
import type { OpenRequest } from '../lens/api/request';
import { agreed, backToStrict } from '../offline/elsewhere';
import { register } from '../offline/register';
import { offline } from '../offline/state';
import { fromWords } from '../state/chat/turns';
import { documentState } from '../state/model/engine-state';
import { lastModel, modelHere, rememberModel } from '../state/model/last-model';
import { fromQuery, modelUrl, ownModel, type ProviderChoice, providerOf, requestName } from '../state/model/model-url';
import { storedRequest } from '../state/model/models';
import { applyLink, askedOfSheet } from '../state/page/link';
import { decodeLink, encodeLink } from '../state/page/link-codec';
import { isPacked } from '../state/page/link-packed';
import { showRecording } from '../state/page/recording';
import type { Workbench } from '../state/page/workbench';
import { whenIdle } from '../ui/idle';
import { followAddress, nameInAddress } from './address';
import { arrive } from './arrive';
import { takeDrops } from './drops';
import { firstText } from './first-text';
import { precacheHan } from './glyphs';
import { loadRecording } from './opening';
import { RECORDED_LINK } from './recorded-link';
import { openingView } from './reload';
import { sayAfterSleep } from './sleep';
import type { Unread } from './unread';

declare global {
  interface Window {
    /** The open lens: a console is a researcher's habit. */
    lenslet?: Lens;
  }
}

/** Ties a workbench to the document: the address in and out, `data-state`, `data-offline`, `window.lenslet`; then opens
 *  the model that the address names. */
export function start(bench: Workbench): void {
  const { store } = bench.engine;
  const say = () => {
    document.documentElement.dataset.state = documentState(store.getState());
    window.lenslet = store.getState().lens ?? undefined;
  };
  store.subscribe((now, before) => {
    if (now.lens && now.lens !== before.lens) whenIdle(() => void keep(now.lens!, now.url));
    if (now.lens && now.request && now.request !== before.request) nameInAddress(now.request, now.provider);
    if (now.lens && now.request && now.lens !== before.lens) rememberModel(now.request, document.baseURI);
  });
  store.subscribe(say);
  offline.subscribe((now) => {
    document.documentElement.dataset.offline = now.offline;
  });
  say();

  const opening = openingView();
  arrive(bench, opening, (unread) => begin(bench, askedOfSheet(opening.hash), unread));
}

/** Has the page follow the document, and opens the model that the address names. `hash`: what the page was opened with
 *  asks of the sheet. */
function begin(bench: Workbench, hash: string, unread: Unread): void {
  takeDrops(bench);
  // A tab that is hidden may never be seen again.
  for (const event of ['visibilitychange', 'pagehide'])
    window.addEventListener(
      event,
      () => {
        void bench.notebook.flush();
        void bench.chat.branches.flush();
      },
      true,
    );
  followAddress(bench, unread);
  sayAfterSleep(bench);

  const query = new URLSearchParams(location.search);
  const provider = providerOf(query.get('provider'));
  try {
    const asked = fromQuery(query, document.baseURI);
    const here = !asked && reloaded() ? modelHere(document.baseURI) : null;
    // A fragment that names no model is a view of the one beside the page.
    const last = here ?? (!asked && hash === '' ? lastModel(document.baseURI) : null);
    if (asked?.model.kind === 'hub' || last) void openStored(bench, asked, last, provider, hash);
    else openOrAsk(bench, asked ?? own(), provider, hash, asked === null);
  } catch (error) {
    bench.engine.fail(error);
  }
}

/** What the reader has written. */
const written = ({ tracer }: Workbench) => {
  const { text, chat } = tracer.store.getState();
  return { text, chat };
};

/** The model that lies beside the page. */
const own = () => ownModel(document.baseURI);

const reloaded = (): boolean =>
  (performance.getEntriesByType('navigation') as PerformanceNavigationTiming[])[0]?.type === 'reload';

/** Opens a model that is kept in this browser, without any network. If it is not kept, asks about the model that the
 *  address names (`asked`), or lets go of the one that was opened last. */
async function openStored(
  bench: Workbench,
  asked: OpenRequest | null,
  last: OpenRequest | null,
  provider: ProviderChoice,
  hash: string,
): Promise<void> {
  await bench.models.read();
  const kept = storedRequest(bench.models.store.getState().kept ?? [], (asked ?? last)!);
  if (kept) {
    if (backToStrict(false)) return;
    nameInAddress(kept, provider);
    rememberModel(kept, document.baseURI);
    void open(bench, kept, provider, hash, false);
  } else if (last && hash !== '') {
    // The view belonged to a model that is not at hand. In another model its site, feature and edits would be others.
    const { text: whole, chat } = bench.tracer.store.getState();
    const text = encodeLink({ prompt: decodeLink(hash).prompt });
    const { place } = bench.view.store.getState();
    const said = bench.notices.store.getState().list.find(({ source }) => source === 'text');
    applyLink(bench, text, '', { text: whole, chat: chat ? fromWords(chat) : undefined });
    bench.view.set({ place });
    bench.notices.say('text', said?.lines ?? []);
    bench.notices.say('model', [
      `${requestName(last)} is not at hand after a reload: choose it again under Models. The text is kept.`,
    ]);
    openOrAsk(bench, own(), provider, isPacked(hash) ? hash : text, true);
  } else openOrAsk(bench, asked ?? own(), provider, hash, asked === null);
}

function openOrAsk(
  bench: Workbench,
  request: OpenRequest,
  provider: ProviderChoice,
  hash: string,
  bare: boolean,
): void {
  const foreign = foreignHost(request, document.baseURI) !== null;
  if (backToStrict(foreign)) return;
  // A repository is large wherever it is: fetch nothing of it before the reader has seen how much.
  if ((foreign || request.model.kind === 'hub') && !agreed(identityOf(request))) {
    firstText(bench, hash);
    bench.engine.ask(request, provider);
  } else void open(bench, request, provider, hash, bare);
}

/** The work that the reader may have changed while a recording was on its way. */
function workOf(bench: Workbench): string {
  return JSON.stringify([written(bench), bench.steering.store.getState().rows, bench.sampling.getState()]);
}

/** Opens the model. `asked`: the fragment that the page was opened with. If it asks for nothing, or for what the
 *  recording shows, the page of the model beside it (`own`) begins with the recording, unless the reader changed
 *  something meanwhile. */
async function open(
  bench: Workbench,
  request: OpenRequest,
  provider: ProviderChoice,
  asked: string,
  own: boolean,
): Promise<void> {
  const opened = bench.engine.open(request, provider);
  if (own && (asked === '' || asked === RECORDED_LINK)) {
    const before = workOf(bench);
    const recording = await loadRecording();
    if (recording && workOf(bench) === before && showRecording(bench, identityOf(request), recording)) return;
  }
  firstText(bench, asked);
  await opened;
  // A model that was open before there was a text has traced nothing.
  if (!bench.tracer.store.getState().reading) void bench.tracer.trace();
}

/** Keeps the glyphs and, for the model that comes with the page, everything else that opening it without a network
 *  takes. */
async function keep(lens: Lens, url: string): Promise<void> {
  await precacheHan(lens);
  if (url === modelUrl(null, document.baseURI)) await register();
}
