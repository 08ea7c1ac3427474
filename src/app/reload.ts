const KEY = 'lenslet-view';

/** Keeps the view of a page that goes. The address follows the hand a moment later, and a reload in that moment would
 *  lose the last words. */
export function keepForReload(view: () => string): void {
  window.addEventListener('pagehide', () => {
    try {
      sessionStorage.setItem(KEY, view());
    } catch {
      // Storage is forbidden here: a reload then starts from the address.
    }
  });
}

/** The fragment to open with: after a reload what was kept, which also becomes the address; else the address's own. */
export function openingHash(): string {
  const kept = take();
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (kept === null || entry?.type !== 'reload') return location.hash;
  history.replaceState(history.state, '', `#${kept}`);
  return `#${kept}`;
}

/** Removes what was kept as it is read, so that nothing older than the last page can come back. */
function take(): string | null {
  try {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return kept;
  } catch {
    return null;
  }
}
