/** Models from other sites. The strict page's policy connects to its own origin alone, so a foreign folder is opened by a second page, `open.html`
 *  (tools/vite/policy.ts), to which the user's word leads. */

const KEY = 'lenslet-agreed';

/** `strict`: its own origin only. `open`: any site. `development`: no policy, any site. */
export function pageKind(): 'strict' | 'open' | 'development' {
  if (import.meta.env.DEV) return 'development';
  return document.documentElement.dataset.models === 'anywhere' ? 'open' : 'strict';
}

/** Whether `url` may be opened without a question: the user said so in this tab, and this page can. A link straight to open.html has nobody's word. */
export function agreed(url: string): boolean {
  if (pageKind() === 'strict') return false;
  try {
    return sessionStorage.getItem(KEY) === url;
  } catch {
    return false; // no storage here: the page asks once more
  }
}

/** Takes the user's word for `url`, and opens it: `open` does where this page can, else open.html does with the same query and fragment. */
export function agree(url: string, open: () => void): void {
  try {
    sessionStorage.setItem(KEY, url);
  } catch {
    // See `agreed`.
  }
  if (pageKind() === 'strict') location.assign(`./open.html${location.search}${location.hash}`);
  else open();
}

/** Leaves open.html for the strict page where nothing foreign is asked for. True when it does. */
export function backToStrict(foreign: boolean): boolean {
  if (foreign || pageKind() !== 'open') return false;
  location.replace(`./${location.search}${location.hash}`);
  return true;
}
