import type { Lens } from '../lens/types';
import { documentState } from '../state/engine';
import { examples } from '../state/examples';
import { applyLink, currentLink, followLink } from '../state/link';
import { modelUrl, providerOf } from '../state/model-url';
import type { Workbench } from '../state/workbench';
import { precacheHan } from './glyphs';
import { keepForReload, openingHash } from './reload';

declare global {
  interface Window {
    /** The open lens: a console is a researcher's habit. */
    lenslet?: Lens;
  }
}

/** Ties a workbench to the document: the address in and out, `data-state`, `window.lenslet`; then opens the model that the address names. */
export function start(bench: Workbench): void {
  const { store } = bench.engine;
  const say = () => {
    document.documentElement.dataset.state = documentState(store.getState());
    window.lenslet = store.getState().lens ?? undefined;
  };
  store.subscribe((now, before) => {
    if (now.lens && now.lens !== before.lens) requestIdleCallback(() => void precacheHan(now.lens!));
  });
  store.subscribe(say);
  say();

  applyLink(bench, openingHash(), examples[0]!.text);
  keepForReload(() => currentLink(bench));
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
    if (foreign) bench.engine.ask(url, provider);
    else void bench.engine.open(url, provider);
  } catch (error) {
    bench.engine.fail(error);
  }
}
