declare global {
  interface Window {
    /** Set by who wants to know what is drawn again: how often each part of the page has been. */
    lensletRenders?: Map<string, number>;
  }
}

/** Called by a part of the page each time it is drawn. Counts only where somebody asked, so that tests can hold what
 *  must not be drawn again. */
export function countRender(name: string): void {
  const counts = window.lensletRenders;
  if (counts) counts.set(name, (counts.get(name) ?? 0) + 1);
}
