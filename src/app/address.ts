import type { Chat } from '../lens/api/chat';
import type { OpenRequest } from '../lens/api/request';
import { count } from '../lens/maths/figures';
import { SHEET } from '../state/base/view';
import { fromWords } from '../state/chat/turns';
import { fromQuery, ownModel, type ProviderChoice, toQuery } from '../state/model/model-url';
import { applyLink, currentLink, followLink, returnTo, sheetLink } from '../state/page/link';
import { turnsCarried } from '../state/page/link-chat';
import { decodeLink, encodeLink } from '../state/page/link-codec';
import { isSpelled, LONGEST_PROMPT, type Whole } from '../state/page/link-limit';
import { unpacking } from '../state/page/link-packed';
import type { Workbench } from '../state/page/workbench';
import { FIRST_TEXT } from '../state/steering/examples';
import { type Entry, entryOf, keptWith } from './entry';
import { isPlace } from './places';
import { createUnread, UNREAD_SAYS, type Unread } from './unread';

/** Has address and page follow each other. The page's steps are entries of the browser's history, all other changes
 *  replace the entry on show, except while it is a link that is not read yet; a link that is pasted into the tab, Back
 *  and Forward bring the page along. */
export function followAddress(bench: Workbench, opened: Unread): void {
  let unread = opened;
  let sheet = entryOf(history.state)?.sheet ?? 0;
  const put = (how: 'pushState' | 'replaceState', hash: string) => {
    if (how === 'replaceState' && unread.is()) return;
    unread.end();
    const thread = bench.chat.thread();
    const entry: Entry = { sheet, model: bench.engine.store.getState().url, ...(thread !== null && { thread }) };
    const { text, chat } = bench.tracer.store.getState();
    const long = !isSpelled(text);
    const turns = chat && turnsCarried(chat) < chat.messages.length ? chat.messages.length : null;
    try {
      history[how]({ ...entry, ...(long && { text }), ...(turns !== null && { chat }) }, '', `#${hash}`);
    } catch {
      // A browser's history has room for a few million characters.
      history[how]({ ...entry, ...(long && { text: text.length }), ...(turns && { chat: turns }) }, '', `#${hash}`);
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
  const paste = (hash: string, whole: Whole) => {
    sheet++;
    if (hash === currentLink(bench)) return;
    applyLink(bench, hash, FIRST_TEXT, whole);
    run();
  };
  const goBack = (hash: string, to: Entry, { text, chat: kept, says }: Whole) => {
    const { url, request, provider } = bench.engine.store.getState();
    const { prompt, chat, place } = decodeLink(hash);
    if (to.sheet === sheet) {
      bench.view.set({ place: place ?? SHEET, sheet: null });
      // The sheet has moved on since the entry was left.
      write(currentLink(bench));
    } else {
      sheet = to.sheet;
      bench.view.set({ sheet: null });
      const same = to.model === url;
      const whole = { text, chat: ofModel(kept, same), says };
      const asked = encodeLink({ prompt, chat: ofModel(chat, same), place });
      const back = () => returnTo(bench, same ? hash : asked, whole);
      if (typeof to.thread === 'string' ? bench.chat.backTo(to.thread, back) : back()) run();
      if (to.model !== url)
        bench.notices.say('model', ['This step was made with another model: its text is kept, its edits are not.']);
      if (typeof to.chat === 'number' && !kept)
        bench.notices.say('text', [
          `The conversation had ${to.chat} turns; the browser kept the first of them with this step.`,
        ]);
      if (typeof to.text === 'number' && text === undefined)
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
    const arrive = (whole: Whole) => {
      if (to) goBack(hash, to, whole);
      else paste(hash, whole);
      stayInPlaces(bench);
    };
    const { text, chat } = keptWith(state);
    const kept = { ...(text !== null && { text }), ...(chat && { chat }) };
    unread.end();
    const packed = unpacking(hash, kept);
    if (!packed) arrive(kept);
    else {
      unread = createUnread(bench);
      unread.begin();
      void packed.then((whole) => {
        // The reader may have gone on meanwhile.
        if (location.hash.slice(1) !== hash || !unread.is()) return;
        if (whole.missed && to?.sheet !== sheet) {
          bench.notices.say('text', [`${UNREAD_SAYS} The page stays as it was.`]);
          return;
        }
        unread.end();
        arrive(whole);
      });
    }
  });
}

/** Token ids are a model's own: in another one a begun answer goes on from its words. */
const ofModel = (chat: Chat | null | undefined, same: boolean): Chat | undefined =>
  chat ? (same ? chat : fromWords(chat)) : undefined;

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
