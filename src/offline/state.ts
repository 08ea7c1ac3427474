import { createStore } from 'zustand/vanilla';

/** `ready`: everything that the page and its model need is kept, and the next load asks no network for it. `unsupported`: nothing is kept, because the browser
 *  cannot, may not (private windows, full disks) or was not asked to. */
export type Offline = 'unsupported' | 'installing' | 'ready';

export const offline = createStore<{ offline: Offline }>(() => ({ offline: 'unsupported' }));

const sentences: Record<Offline, string> = { unsupported: '', installing: 'Storing for offline use', ready: 'Works offline' };

/** For the status line; empty where there is nothing to say. */
export const offlineSentence = (state: Offline): string => sentences[state];
