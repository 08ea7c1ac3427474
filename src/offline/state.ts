import { createStore } from 'zustand/vanilla';

/** `ready`: everything that the page and its model need is kept, and the next load needs no network. `unsupported`:
 *  nothing is kept, because the browser cannot, may not (private windows, full disks) or was not asked to. */
type Offline = 'unsupported' | 'installing' | 'ready';

interface OfflineState {
  offline: Offline;
  /** A newer deploy is kept too. It opens once all pages of this one are closed: a page never mixes two builds. */
  newer: boolean;
}

export const offline = createStore<OfflineState>(() => ({ offline: 'unsupported', newer: false }));

/** The text for the status line; empty if there is nothing to say. */
export function offlineSentence(offline: Offline, newer = false): string {
  if (newer) return 'Newer version waits';
  return { unsupported: '', installing: 'Storing for offline use', ready: 'Works offline' }[offline];
}
