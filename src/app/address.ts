import type { OpenRequest } from '../lens/api/request';
import { count } from '../lens/maths/figures';
import { SHEET } from '../state/base/view';
import { fromQuery, ownModel, type ProviderChoice, toQuery } from '../state/model/model-url';
import { applyLink, currentLink, followLink, returnTo, sheetLink } from '../state/page/link';
import { decodeLink, encodeLink, LONGEST_PROMPT } from '../state/page/link-codec';
import type { Workbench } from '../state/page/workbench';
import { examples } from '../state/steering/examples';
import { isPlace } from './places';

/** What the browser keeps with an entry of its history. */
interface Entry {
  /** Entries of the same number show the same sheet, in whatever place the reader was. */
  sheet: number;
  /** The model whose ids the entry's site, feature and edits are. */
  model: string;
  /** The whole text, where it is longer than the link carries; its length, where the browser would not keep it. */
  text?: string | number;
}

const entryOf = (state: unknown): Entry | null =>
  typeof state === 'object' && state !== null && 'sheet' in state && 'model' in state ? (state as Entry) : null;

/** Has address and page follow each other. The page's steps are entries of the browser's history, all other changes
 *  replace the entry on show; a link that is pasted into the tab, Back and Forward bring the page along. */
export function followAddress(bench: Workbench): void {
  let sheet = entryOf(history.state)?.sheet ?? 0;
  const put = (how: 'pushState' | 'replaceState', hash: string) => {
    const entry: Entry = { sheet, model: bench.engine.store.getState().url };
    const { text } = bench.tracer.store.getState();
    if (text.length <= LONGEST_PROMPT) history[how](entry, '', `#${hash}`);
    else {
      try {
        history[how]({ ...entry, text }, '', `#${hash}`);
      } catch {
        // A browser's history has room for a few million characters.
        history[how]({ ...entry, text: text.length }, '', `#${hash}`);
      }
    }
  };
  const write = (hash: string) => put('replaceState', hash);
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
      put('pushState', hash);
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
    const { prompt, place } = decodeLink(hash);
    if (to.sheet === sheet) {
      bench.view.set({ place: place ?? SHEET, sheet: null });
      // The sheet has moved on since the entry was left.
      write(currentLink(bench));
    } else {
      sheet = to.sheet;
      bench.view.set({ sheet: null });
      const whole = typeof to.text === 'string' ? to.text : undefined;
      if (returnTo(bench, to.model === url ? hash : encodeLink({ prompt, place }), whole)) run();
      if (to.model !== url)
        bench.notices.say('model', ['This step was made with another model: its text is kept, its edits are not.']);
      if (typeof to.text === 'number')
        bench.notices.say('text', [
          `The text had ${count(to.text)} characters; the browser kept the first ${count(LONGEST_PROMPT)} with this step.`,
        ]);
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
