import type { OpenRequest } from '../lens/api/request';
import { SHEET } from '../state/base/view';
import { fromQuery, ownModel, type ProviderChoice, toQuery } from '../state/model/model-url';
import { applyLink, currentLink, followLink, returnTo, sheetLink } from '../state/page/link';
import { decodeLink, encodeLink } from '../state/page/link-codec';
import type { Workbench } from '../state/page/workbench';
import { examples } from '../state/steering/examples';
import { isPlace } from './places';

/** What the browser keeps with an entry of its history. */
interface Entry {
  /** Entries of the same number show the same sheet, in whatever place the reader was. */
  sheet: number;
  /** The model whose ids the entry's site, feature and edits are. */
  model: string;
}

const entryOf = (state: unknown): Entry | null =>
  typeof state === 'object' && state !== null && 'sheet' in state && 'model' in state ? (state as Entry) : null;

/** Has address and page follow each other. The page's steps are entries of the browser's history, all other changes
 *  replace the entry on show; a link that is pasted into the tab, Back and Forward bring the page along. */
export function followAddress(bench: Workbench): void {
  let sheet = entryOf(history.state)?.sheet ?? 0;
  const entry = (): Entry => ({ sheet, model: bench.engine.store.getState().url });
  const write = (hash: string) => history.replaceState(entry(), '', `#${hash}`);
  followLink(bench, write);

  let left = '';
  bench.trail.follow({
    leave: () => {
      left = sheetLink(bench);
      write(currentLink(bench));
    },
    arrive: () => {
      const hash = currentLink(bench);
      if (hash === location.hash.slice(1)) return;
      if (sheetLink(bench) !== left) sheet++;
      history.pushState(entry(), '', `#${hash}`);
    },
  });

  const run = () => void bench.tracer.trace().then(() => bench.commit());
  const paste = (hash: string) => {
    sheet++;
    if (hash === currentLink(bench)) return;
    applyLink(bench, hash, examples[0]!.text);
    run();
  };
  const goBack = (hash: string, to: Entry) => {
    const { url, request, provider } = bench.engine.store.getState();
    if (to.sheet === sheet) bench.view.set({ place: decodeLink(hash).place ?? SHEET, sheet: null });
    else {
      sheet = to.sheet;
      const { prompt, place } = decodeLink(hash);
      if (returnTo(bench, to.model === url ? hash : encodeLink({ prompt, place }))) run();
      if (to.model !== url)
        bench.notices.say('model', ['This step was made with another model: its text is kept, its edits are not.']);
    }
    // The model is no part of a step: the one that is open stays open.
    if (request) nameInAddress(request, provider);
  };
  // Fires for Back, for Forward, and with no entry of ours for a link pasted into this tab.
  window.addEventListener('popstate', ({ state }) => {
    const to = entryOf(state);
    const hash = location.hash.slice(1);
    if (to) goBack(hash, to);
    else paste(hash);
    stayInPlaces(bench);
  });
}

/** Names of places come from addresses: one that is not known is the sheet. */
export function stayInPlaces({ view }: Workbench): void {
  if (!isPlace(view.store.getState().place)) view.set({ place: SHEET });
}

/** Puts the open model into the address, so that a copied link and a reload ask for it. A picked folder is in no
 *  link. */
export function nameInAddress(request: OpenRequest, provider: ProviderChoice): void {
  const page = document.baseURI;
  const own = ownModel(page);
  const wanted = toQuery(request, page, provider) ?? toQuery(own, page, provider)!;
  const asks = (query: string) => JSON.stringify(fromQuery(new URLSearchParams(query), page) ?? own);
  if (asks(wanted) === asks(location.search)) return;
  history.replaceState(history.state, '', `${location.pathname}${wanted}${location.hash}`);
}
