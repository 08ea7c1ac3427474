import type { Lens } from '../lens/types';
import { agreed, backToStrict } from '../offline/elsewhere';
import { register } from '../offline/register';
import { offline } from '../offline/state';
import { documentState, type ProviderChoice } from '../state/engine';
import { examples } from '../state/examples';
import { applyLink, currentLink, followLink } from '../state/link';
import { DEFAULT_MODEL, modelUrl, providerOf } from '../state/model-url';
import { showRecording } from '../state/recording';
import { decodeLink } from '../state/url';
import type { Workbench } from '../state/workbench';
import { whenIdle } from '../ui/idle';
import { precacheHan } from './glyphs';
import { loadRecording } from './opening';
import { RECORDED_LINK } from './recorded-link';
import { keepForReload, openingHash } from './reload';

declare global {
  interface Window {
    /** The open lens: a console is a researcher's habit. */
    lenslet?: Lens;
  }
}

/** Ties a workbench to the document: the address in and out, `data-state`, `data-offline`, `window.lenslet`; then opens the model that the address names. */
export function start(bench: Workbench): void {
  const { store } = bench.engine;
  const say = () => {
    document.documentElement.dataset.state = documentState(store.getState());
    window.lenslet = store.getState().lens ?? undefined;
  };
  store.subscribe((now, before) => {
    if (now.lens && now.lens !== before.lens) whenIdle(() => void keep(now.lens!, now.url));
  });
  store.subscribe(say);
  offline.subscribe((now) => {
    document.documentElement.dataset.offline = now.offline;
  });
  say();

  const hash = openingHash();
  applyLink(bench, hash, '');
  keepForReload(() => currentLink(bench));
  // A tab that is hidden may never be seen again.
  for (const event of ['visibilitychange', 'pagehide']) window.addEventListener(event, () => void bench.notebook.flush(), true);
  followLink(bench, (hash) => history.replaceState(history.state, '', `#${hash}`));
  // Fires for a link pasted into this tab, not for replaceState.
  window.addEventListener('hashchange', () => {
    if (location.hash.slice(1) === currentLink(bench)) return;
    applyLink(bench, location.hash, examples[0]!.text);
    void bench.tracer.trace().then(() => bench.commit());
  });

  const query = new URLSearchParams(location.search);
  const provider = providerOf(query.get('provider'));
  try {
    const { url, foreign } = modelUrl(query.get('model'), document.baseURI);
    if (backToStrict(foreign)) return;
    if (foreign && !agreed(url)) {
      begin(bench, hash);
      bench.engine.ask(url, provider);
    } else void open(bench, url, provider, hash.replace(/^#/, ''), !query.has('model'));
  } catch (error) {
    bench.engine.fail(error);
  }
}

/** What somebody may have changed while a recording was on its way. */
function workOf(bench: Workbench): string {
  return JSON.stringify([bench.tracer.store.getState().text, bench.steering.store.getState().rows, bench.sampling.getState()]);
}

/** The text of a page that was asked for none by the fragment that it was opened with. */
function begin(bench: Workbench, asked: string): void {
  if (bench.tracer.store.getState().text !== '' || bench.tracer.store.getState().status !== 'idle' || decodeLink(asked).prompt !== undefined) return;
  bench.tracer.store.setState({ text: examples[0]!.text });
  bench.history.restart();
}

/** Opens the model. `asked`: the fragment that the page was opened with; where that asks for nothing, or for what the recording shows, the page of the model
 *  beside it (`own`) begins with the recording, unless somebody was quicker. */
async function open(bench: Workbench, url: string, provider: ProviderChoice, asked: string, own: boolean): Promise<void> {
  const opened = bench.engine.open(url, provider);
  if (own && (asked === '' || asked === RECORDED_LINK)) {
    const before = workOf(bench);
    const recording = await loadRecording();
    if (recording && workOf(bench) === before && showRecording(bench, url, recording)) return;
  }
  begin(bench, asked);
  await opened;
  // A model that was open before there was a text has nothing on show.
  if (!bench.tracer.store.getState().reading) void bench.tracer.trace();
}

/** The glyphs, then, for the model that comes with the page, everything else that it takes to open it without a network. */
async function keep(lens: Lens, url: string): Promise<void> {
  await precacheHan(lens);
  if (url === modelUrl(DEFAULT_MODEL, document.baseURI).url) await register();
}
