/** A file of the build that the service worker keeps. The list is made by tools/vite/precache.ts. */
export interface PrecachedFile {
  /** Relative to the page. */
  url: string;
  /** Of the content; null where the name already carries a hash. */
  revision: string | null;
  /** As Subresource Integrity: what is stored is what was built, byte for byte. */
  integrity: string;
  /** PrecachedFile when it is first asked for, not before. */
  asked?: true;
  /** Only for browsers that run this build of the engine. */
  flavour?: 'jspi' | 'asyncify';
}

/** What this browser will ask for, by the rule of `loadRuntime` in lens/engine/runtime.ts. */
export function forThisBrowser(
  kept: readonly PrecachedFile[],
  suspends = 'Suspending' in WebAssembly,
): PrecachedFile[] {
  return kept.filter(({ flavour }) => flavour === undefined || flavour === (suspends ? 'jspi' : 'asyncify'));
}

/** The address of the file that would answer a request; null for what only a server can. A page's query and fragment
 *  are for its script. */
export function addressOf(
  { method, mode, url }: Pick<Request, 'method' | 'mode' | 'url'>,
  scope: string,
): string | null {
  if (method !== 'GET') return null;
  const address = new URL(url);
  address.hash = '';
  if (mode !== 'navigate') return address.href;
  address.search = '';
  return address.href === scope ? `${scope}index.html` : address.href;
}
