/** Models from other sites. The strict page's policy allows connections to its own origin alone. So a second page,
 *  `open.html` (tools/vite/policy.ts), fetches such models after the user has agreed. Once fetched and kept, a model
 *  opens in the strict page. */

const KEY = 'lenslet-agreed';
/** Where the tab was when it left the strict page. */
const BEFORE = 'lenslet-before';

/** `strict`: its own origin only. `open`: any site. `development`: no policy, any site. */
export function pageKind(): 'strict' | 'open' | 'development' {
  if (import.meta.env.DEV) return 'development';
  return document.documentElement.dataset.models === 'anywhere' ? 'open' : 'strict';
}

/** Whether this page may fetch a model without asking: the user agreed to it in this tab, and this page can reach it. A
 *  link straight to open.html carries no agreement. `identity` names the model. */
export function agreed(identity: string): boolean {
  if (pageKind() === 'strict') return false;
  try {
    return sessionStorage.getItem(KEY) === identity;
  } catch {
    return false; // no storage here: the page asks once more
  }
}

/** Notes that the user agreed to a model, then opens it: with `open` if this page can fetch it, else in open.html with
 *  this query and fragment. `beside`: a model is open now, to which a failure leads back. A further try in open.html,
 *  where none has opened yet, keeps the way back. */
export function agree(
  identity: string,
  open: () => void,
  { address = location.search + location.hash, beside = false } = {},
): void {
  try {
    sessionStorage.setItem(KEY, identity);
    if (beside && pageKind() === 'strict') sessionStorage.setItem(BEFORE, `./${location.search}${location.hash}`);
    else if (beside || pageKind() === 'strict') sessionStorage.removeItem(BEFORE);
  } catch {
    // See `agreed`.
  }
  if (pageKind() === 'strict') location.assign(`./open.html${address}`);
  else open();
}

/** The address, with the whole view, of the open model that the user left for open.html in this tab; null where none was.
 *  A model that cannot be fetched must not cost what was open. */
export function pageBefore(): string | null {
  if (pageKind() !== 'open') return null;
  try {
    return sessionStorage.getItem(BEFORE);
  } catch {
    return null;
  }
}

/** Leaves open.html for the strict page if nothing has to be fetched from elsewhere. Returns true if it leaves. */
export function backToStrict(foreign: boolean): boolean {
  if (foreign || pageKind() !== 'open') return false;
  location.replace(`./${location.search}${location.hash}`);
  return true;
}
