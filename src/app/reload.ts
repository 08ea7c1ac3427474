import { LONGEST_PROMPT } from '../state/page/link-codec';

const KEY = 'lenslet-view';
/** The whole text where it is longer than a link carries; in its place its length, if it was too long for this too. */
const TEXT = 'lenslet-text';

/** What a page that goes leaves for the next one. */
export interface Left {
  /** The link's fragment. */
  view: string;
  text: string;
}

/** Keeps the view of a page that goes. The address follows the hand a moment later, and a reload in that moment would
 *  lose the last words. */
export function keepForReload(left: () => Left): void {
  window.addEventListener('pagehide', () => {
    const { view, text } = left();
    keep(KEY, view);
    if (text.length <= LONGEST_PROMPT) take(TEXT);
    else if (!keep(TEXT, JSON.stringify(text))) keep(TEXT, String(text.length));
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
  /** After a reload what was kept, which also becomes the address; else the address's own fragment. */
  hash: string;
  /** The text of the page before the reload, where it is longer than the fragment carries. */
  text: string | null;
  /** How many characters it had, where it could not be kept whole. */
  lost: number | null;
}

export function openingView(): Opening {
  const view = take(KEY);
  const text = take(TEXT);
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (view === null || entry?.type !== 'reload') return { hash: location.hash, text: null, lost: null };
  history.replaceState(history.state, '', `#${view}`);
  const kept = text === null ? null : parsed(text);
  return {
    hash: `#${view}`,
    text: typeof kept === 'string' ? kept : null,
    lost: typeof kept === 'number' ? kept : null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

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
