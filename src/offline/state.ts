import { createStore } from 'zustand/vanilla';

/** `ready`: everything that the page and its model need is kept, and the next load needs no network. `unsupported`:
 *  nothing is kept, because the browser cannot, may not (private windows, full disks) or was not asked to. */
type Offline = 'unsupported' | 'installing' | 'ready';

export interface OfflineState {
  offline: Offline;
  /** A newer deploy is kept too. It opens once all pages of this one are closed: a page never mixes two builds. */
  newer: boolean;
  /** Bytes of the verbalizer that are not kept; null: the worker has not said. */
  left: number | null;
  /** The verbalizer is being stored. */
  storing: { loaded: number; total: number } | null;
  /** It could not be stored. */
  failed: boolean;
}

export const offline = createStore<OfflineState>(() => ({
  offline: 'unsupported',
  newer: false,
  left: null,
  storing: null,
  failed: false,
}));

/** The text for the status line; empty if there is nothing to say. `bytes` and `part` write sizes. */
export function offlineSentence(
  { offline: state, newer, left, storing, failed }: OfflineState,
  bytes: (bytes: number) => string,
  part: (loaded: number, total: number) => string,
): string {
  if (newer) return 'Newer version waits';
  if (state !== 'ready') return state === 'installing' ? 'Storing for offline use' : '';
  if (storing) return `Storing the verbalizer: ${part(storing.loaded, storing.total)}`;
  if (failed) return 'The verbalizer could not be stored';
  return left ? `Works offline, but for the verbalizer (${bytes(left)})` : 'Works offline';
}
