/** A file of the build that the service worker keeps. The list is made by tools/vite/precache.ts. */
export interface PrecachedFile {
  /** Relative to the page. */
  url: string;
  /** Hash of the content; null if the name carries one already. */
  revision: string | null;
  /** A Subresource Integrity value: the stored file must equal the built one, byte for byte. */
  integrity: string;
  /** The worker keeps the file once a page asks for it, not before. */
  asked?: true;
  /** Size of such a file. */
  bytes?: number;
  /** Only for browsers that run this build of the engine. */
  flavour?: 'jspi' | 'asyncify';
}

/** The files that this browser needs, by the rule of `loadRuntime` in lens/engine/runtime.ts. */
export function forThisBrowser(
  kept: readonly PrecachedFile[],
  suspends = 'Suspending' in WebAssembly,
): PrecachedFile[] {
  return kept.filter(({ flavour }) => flavour === undefined || flavour === (suspends ? 'jspi' : 'asyncify'));
}

/** The address of the file that answers a request; null if only a server can answer. Drops a page's query and fragment,
 *  which are for its script. */
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
