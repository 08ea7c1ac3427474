import type { Chat } from '../lens/api/chat';
import { parsedJson } from '../state/base/json';
import { soundChat, turnsCarried } from '../state/page/link-chat';
import { isSpelled } from '../state/page/link-limit';
import { keptWith } from './entry';

const KEY = 'lenslet-view';
/** The whole text where a link does not spell it out; in its place its length, if it was too long for this too. */
const TEXT = 'lenslet-text';
/** The whole conversation where a link carries only its first turns; in its place the number of its turns. */
const CHAT = 'lenslet-chat';
/** The conversation that waits behind the text, and the words for the next turn: no link has them. */
const ASIDE = 'lenslet-aside';
const DRAFT = 'lenslet-draft';
/** Characters of a conversation: beyond what a browser keeps of a session. */
const MOST = 10_000_000;

/** What a page that goes leaves for the next one. */
export interface Left {
  /** The link's fragment. */
  view: string;
  text: string;
  chat: Chat | null;
  aside: Chat | null;
  draft: string;
}

/** Keeps the view of a page that goes. The address follows the hand a moment later, and a reload in that moment would
 *  lose the last words. Of a page that has not taken up yet what it opens with (`left` gives null) that is kept again. */
export function keepForReload(left: () => Left | null, { putBack }: Pick<Opening, 'putBack'>): void {
  window.addEventListener('pagehide', () => {
    const page = left();
    if (!page) {
      putBack();
      return;
    }
    const { view, text, chat, aside, draft } = page;
    keep(KEY, view);
    if (isSpelled(text)) take(TEXT);
    else if (!keep(TEXT, JSON.stringify(text))) keep(TEXT, String(text.length));
    if (draft === '') take(DRAFT);
    else keep(DRAFT, JSON.stringify(draft));
    if (!aside) take(ASIDE);
    else if (!keep(ASIDE, JSON.stringify(aside))) keep(ASIDE, String(aside.messages.length));
    const turns = chat?.messages.length ?? 0;
    if (!chat || turnsCarried(chat) === turns) take(CHAT);
    else if (!keep(CHAT, JSON.stringify(chat))) keep(CHAT, String(turns));
  });
}

/** False if storage is forbidden here or full: a reload then starts from the address. */
function keep(key: string, value: string): boolean {
  try {
    sessionStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** What to open with. */
export interface Opening {
  /** After a reload what was kept, which also becomes the address; else the address's own fragment, and what the browser
   *  kept with the entry of its history. */
  hash: string;
  /** The text of the page before the reload, where the fragment does not spell it out. */
  text: string | null;
  /** How many characters it had, where it could not be kept whole. */
  lost: number | null;
  /** The conversation, and the number of its turns, in the same way. */
  chat: Chat | null;
  lostTurns: number | null;
  aside: Chat | null;
  /** How many turns the one behind the text had, where it could not be kept. */
  lostAside: number | null;
  draft: string;
  /** Keeps for the next page what was kept for this one. */
  putBack: () => void;
}

export function openingView(): Opening {
  const all = [KEY, TEXT, CHAT, ASIDE, DRAFT].map((key) => [key, take(key)] as const);
  const value = (key: string) => all.find(([one]) => one === key)?.[1] ?? null;
  const view = value(KEY);
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (view === null || entry?.type !== 'reload')
    return {
      hash: location.hash,
      ...keptWith(history.state),
      aside: null,
      lostAside: null,
      draft: '',
      putBack: () => {},
    };
  history.replaceState(history.state, '', `#${view}`);
  const [kept, turns, aside, draft] = [TEXT, CHAT, ASIDE, DRAFT].map((key) => parsed(value(key)));
  return {
    hash: `#${view}`,
    text: typeof kept === 'string' ? kept : null,
    lost: typeof kept === 'number' ? kept : null,
    chat: soundChat(turns, MOST),
    lostTurns: typeof turns === 'number' ? turns : null,
    aside: soundChat(aside, MOST),
    lostAside: typeof aside === 'number' ? aside : null,
    draft: typeof draft === 'string' ? draft : '',
    putBack: () => {
      for (const [key, kept] of all) if (kept !== null) keep(key, kept);
    },
  };
}

const parsed = (text: string | null): unknown => (text === null ? null : parsedJson(text));

/** Removes what was kept as it is read, so that nothing older than the last page can come back. */
function take(key: string): string | null {
  try {
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return kept;
  } catch {
    return null;
  }
}
