import { count } from '../lens/maths/figures';
import { applyLink, currentLink, returnTo } from '../state/page/link';
import { LONGEST_PROMPT, type Whole } from '../state/page/link-limit';
import { unpacking } from '../state/page/link-packed';
import type { Workbench } from '../state/page/workbench';
import { isEmpty, promptOf } from '../state/reading/prompt';
import { stayInPlaces } from './address';
import { keepForReload, type Opening } from './reload';
import { createUnread, UNREAD_SAYS, type Unread } from './unread';

/** Brings the page to what it opens with, whole where the fragment does not spell it out, then calls `go`. Whatever it
 *  opens with is kept if the page goes before that. */
export function arrive(bench: Workbench, opening: Opening, go: (unread: Unread) => void): void {
  const unread = createUnread(bench);
  let begun = false;
  keepForReload(() => (begun && !unread.is() ? leftBy(bench) : null), opening);
  const begin = (whole: Whole) => {
    bring(bench, opening, whole, unread);
    begun = true;
    go(unread);
  };
  const kept = { ...(opening.text !== null && { text: opening.text }), ...(opening.chat && { chat: opening.chat }) };
  const packed = unpacking(opening.hash, kept);
  if (packed) void packed.then(begin);
  else begin(kept);
}

function bring(bench: Workbench, opening: Opening, whole: Whole, unread: Unread): void {
  const { hash, lost, lostTurns, aside, lostAside, draft } = opening;
  const { text } = bench.tracer.store.getState();
  const typed = !isEmpty(promptOf(bench.tracer.store.getState()));
  if (!typed) applyLink(bench, hash, '', whole);
  else returnTo(bench, hash, whole.missed ? { ...whole, text } : whole);
  if (!bench.chat.store.getState().draft) bench.chat.setDraft(draft);
  if (aside) bench.chat.wait(aside);
  stayInPlaces(bench);
  const says: string[] = [];
  if (whole.missed && !typed) unread.begin();
  if (whole.missed) says.push(typed ? UNREAD_SAYS : `${UNREAD_SAYS} Reload the page to try again.`);
  else if (typed) says.push('The link’s text has taken the place of what was typed meanwhile. Undo brings that back.');
  if (lost !== null && whole.text === undefined)
    says.push(
      `The text had ${count(lost)} characters; the browser kept the first ${count(LONGEST_PROMPT)} over the reload.`,
    );
  if (lostTurns !== null && !whole.chat)
    says.push(`The conversation had ${lostTurns} turns; the browser kept the first of them over the reload.`);
  if (lostAside !== null)
    says.push(
      `The conversation behind the text had ${lostAside} turns, and the browser had no room for it over the reload.`,
    );
  bench.notices.say('text', says);
}

/** What a page that goes leaves for the next one. */
function leftBy(bench: Workbench) {
  const { aside, draft } = bench.chat.store.getState();
  const { text, chat } = bench.tracer.store.getState();
  return { view: currentLink(bench), text, chat, aside: aside?.chat ?? null, draft };
}
