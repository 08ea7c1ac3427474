import { createStore } from 'zustand/vanilla';

/** `ready`: everything that the page and its model need is kept, and the next load asks no network for it.
 *  `unsupported`: nothing is kept, because the browser cannot, may not (private windows, full disks) or was not asked
 *  to. */
type Offline = 'unsupported' | 'installing' | 'ready';

interface OfflineState {
  offline: Offline;
  /** A newer deploy is kept too. It opens when every page of this one is closed: a page never mixes two builds. */
  newer: boolean;
}

export const offline = createStore<OfflineState>(() => ({ offline: 'unsupported', newer: false }));

/** For the status line; empty where there is nothing to say. */
export function offlineSentence(offline: Offline, newer = false): string {
  if (newer) return 'Newer version waits';
  return { unsupported: '', installing: 'Storing for offline use', ready: 'Works offline' }[offline];
}
