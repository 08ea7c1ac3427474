/** Models from other sites. The strict page's policy connects to its own origin alone, so what is elsewhere is fetched
 *  by a second page, `open.html` (tools/vite/policy.ts), to which the user's word leads. What was fetched and kept is
 *  opened by the strict page. */

const KEY = 'lenslet-agreed';

/** `strict`: its own origin only. `open`: any site. `development`: no policy, any site. */
export function pageKind(): 'strict' | 'open' | 'development' {
  if (import.meta.env.DEV) return 'development';
  return document.documentElement.dataset.models === 'anywhere' ? 'open' : 'strict';
}

/** Whether a model, named by its identity, may be fetched without a question: the user said so in this tab, and this
 *  page can. A link straight to open.html has nobody's word. */
export function agreed(identity: string): boolean {
  if (pageKind() === 'strict') return false;
  try {
    return sessionStorage.getItem(KEY) === identity;
  } catch {
    return false; // no storage here: the page asks once more
  }
}

/** Takes the user's word for a model, and opens it: `open` does where this page can, else open.html does with this
 *  query and fragment. */
export function agree(identity: string, open: () => void, address = location.search + location.hash): void {
  try {
    sessionStorage.setItem(KEY, identity);
  } catch {
    // See `agreed`.
  }
  if (pageKind() === 'strict') location.assign(`./open.html${address}`);
  else open();
}

/** Leaves open.html for the strict page where nothing has to be fetched from elsewhere. True when it does. */
export function backToStrict(foreign: boolean): boolean {
  if (foreign || pageKind() !== 'open') return false;
  location.replace(`./${location.search}${location.hash}`);
  return true;
}
